import Foundation
import NIOCore
import NIOPosix
import SwiftletServer
import Testing

/// Slow and many connections over real sockets, with limits that are short.
@Suite struct ConnectionLimitTests {
    private typealias Socket = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private static func connect(_ server: LiveServer) async throws -> Socket {
        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: server.address.port) { channel in
                channel.eventLoop.makeCompletedFuture { try Socket(wrappingChannelSynchronously: channel) }
            }
    }

    /// Sends a text and reads until the server closes.
    private static func say(_ text: String, to server: LiveServer) async throws -> String {
        try await connect(server).executeThenClose { inbound, outbound in
            // A server that is full may have answered and closed by now.
            try? await outbound.write(ByteBuffer(string: text))
            var answer = ByteBuffer()
            // A server that closes before it has read everything resets the connection.
            do {
                for try await part in inbound { answer.writeImmutableBuffer(part) }
            } catch let error as IOError where error.errnoCode == ECONNRESET {}
            return String(buffer: answer)
        }
    }

    private func options(_ change: (inout ConnectionLimits) -> Void) -> ServerOptions {
        var options = ServerOptions()
        change(&options.limits)
        return options
    }

    @Test(.timeLimit(.minutes(1))) func halfRequestsEnd() async throws {
        let options = options { limits in
            (limits.headTime, limits.bodyTime, limits.idleTime) = (
                .milliseconds(300), .milliseconds(300), .milliseconds(600)
            )
        }
        try await LiveServer.run(options, models: []) { server in
            let head = try await Self.say("GET /health HTTP/1.1\r\nHost: localhost\r\nX", to: server)
            #expect(head.hasPrefix("HTTP/1.1 408 "))
            let body = try await Self.say(
                "POST /api/show HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{", to: server)
            #expect(body.hasPrefix("HTTP/1.1 408 "))
            let idle = try await Self.say("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", to: server)
            #expect(idle.hasPrefix("HTTP/1.1 200 ") && idle.hasSuffix(#"{"status":"ok"}"#))
            #expect(try await Self.say("", to: server) == "")
            let numbers = try Exposition(try await server.send("GET", "/metrics").text)
            for reason in ["slow_body", "idle"] {
                #expect(
                    try numbers.value("swiftlet_http_connections_closed_total", ["reason": reason]) == 1, "\(reason)")
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func whoSendsNothingMakesRoom() async throws {
        try await LiveServer.run(options { $0.connections = 2 }, models: []) { server in
            let half = "GET /health HTTP/1.1\r\nX-Half: "
            let first = Task { try await Self.say(half, to: server) }
            let second = Task { try await Self.say(half, to: server) }
            try await Task.sleep(for: .milliseconds(300))
            // Its own connection is the latest; the next ones take the places of the others.
            #expect(try await server.send("GET", "/health").status == 200)
            try await Self.connect(server).executeThenClose { _, _ in
                let closed = try await [first.value, second.value]
                #expect(closed == ["", ""])
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func aFullServerSaysSo() async throws {
        try await LiveServer.run(options { $0.connections = 1 }, models: []) { server in
            let busy = try await Self.connect(server)
            try await busy.executeThenClose { _, outbound in
                let head = "POST /api/show HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
                try await outbound.write(ByteBuffer(string: head))
                try await Task.sleep(for: .milliseconds(300))
                let refusal = try await Self.say("", to: server)
                #expect(refusal.hasPrefix("HTTP/1.1 503 ") && refusal.contains("Retry-After: "))
            }
        }
    }
}
