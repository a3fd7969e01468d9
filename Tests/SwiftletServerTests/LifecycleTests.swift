import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import ServiceLifecycle
import SwiftletEngine
import SwiftletGround
import SwiftletServer
import Testing

/// How a server becomes ready and how it ends, as a service group sees it.
@Suite(.enabled(if: TestModel.isThere)) struct LifecycleTests {
    @Test func readyOnceTheModelsAreThere() async throws {
        var options = ServerOptions()
        options.preload = ["smol"]
        options.keepAlive = .milliseconds(50)
        try await LiveServer.run(options) { server in
            var ready = try await server.send("GET", "/ready")
            for _ in 0..<400 where ready.status != 200 {
                #expect(ready.status == 503)
                #expect(try ready.json["error"]?["type"]?.string == "unavailable_error")
                #expect(ready.header("Retry-After") == "1")
                #expect(try await server.send("GET", "/health").status == 200)
                try await Task.sleep(for: .milliseconds(25))
                ready = try await server.send("GET", "/ready")
            }
            #expect(try ready.json == ["status": "ok"])
            #expect(try await server.loaded == ["smol:latest"])
            try await Task.sleep(for: .milliseconds(200))
            #expect(try await server.loaded == ["smol:latest"], "it stays")
        }
    }

    @Test func aModelThatCannotBeLoadedIsTold() async throws {
        let home = try TestLibrary(models: [])
        var options = ServerOptions()
        (options.port, options.preload) = (0, ["nobody"])
        let server = Server(
            options, library: home.library, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let error = await #expect(throws: ServerError.self) { try await server.run() }
        #expect(error?.code == .noModel)
    }

    /// What runs may end; the server takes no more.
    @Test func runningRequestsFinish() async throws {
        try await ServiceRun.run { run in
            let response = try await run.server.beginEndlessStream("smol", tokens: 120)
            var lines = Lines(response)
            _ = try await lines.next()
            await run.group.triggerGracefulShutdown()
            #expect(try await run.refusesConnections())
            var last: JSONValue = .null
            while let line = try await lines.next() { last = try JSONValue(parsing: line) }
            #expect(last["done"] == true && last["eval_count"]?.integer == 120, "\(last)")
            try await run.ended()
        }
    }

    /// What does not end in time is told so, in its stream's form.
    @Test func endlessRequestsAreEnded() async throws {
        var options = ServerOptions()
        options.shutdownLimit = .milliseconds(500)
        try await ServiceRun.run(options) { run in
            let response = try await run.server.beginEndlessStream("smol")
            var lines = Lines(response)
            _ = try await lines.next()
            let whole = Task { try await run.server.answer("Tell a long story.", tokens: 4000) }
            try await run.server.waitForRunning(2)
            let start = ContinuousClock.now
            await run.group.triggerGracefulShutdown()
            var last: JSONValue = .null
            while let line = try await lines.next() { last = try JSONValue(parsing: line) }
            #expect(last["error"]?.string == "the server is stopping", "\(last)")
            let answer = try await whole.value
            #expect(answer.status == 503)
            #expect(try answer.json["error"]?.string == "the server is stopping")
            try await run.ended()
            #expect(start.duration(to: .now) < .seconds(5))
        }
    }

    /// A connection that has more requests on their way hears that the server stops.
    @Test func requestsOnOldConnectionsAreRefused() async throws {
        try await ServiceRun.run { run in
            // Loaded before, so that the stream begins at once.
            _ = try await run.server.answer("Hi", tokens: 1)
            let body =
                #"{"model": "smol", "prompt": "Hi", "options": {"num_predict": 100, "logit_bias": {"2": false, "0": false}}}"#
            let head = "Host: localhost\r\nContent-Type: application/json\r\nContent-Length: "
            let post = "POST /api/generate HTTP/1.1\r\n\(head)\(body.utf8.count)\r\n\r\n\(body)"
            let socket = try RawSocket(port: run.server.address.port)
            socket.send(post + "GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n" + post)
            try await run.server.waitForRunning(1)
            await run.group.triggerGracefulShutdown()
            let text = await socket.readToEnd()
            #expect(text.components(separatedBy: "HTTP/1.1 200 OK").count == 2)
            #expect(text.components(separatedBy: "HTTP/1.1 503 Service Unavailable").count == 3)
            #expect(text.contains("\"done\":true"))
            #expect(text.components(separatedBy: "the server is stopping").count == 3)
            try await run.ended()
        }
    }
}

/// A server as the only service of a group.
private struct ServiceRun {
    let server: LiveServer
    let group: ServiceGroup
    private let running: Task<Void, any Error>

    static func run(_ options: ServerOptions = ServerOptions(), _ body: (ServiceRun) async throws -> Void) async throws
    {
        let home = try TestLibrary(models: ["smol"])
        var options = options
        options.port = 0
        if options.engine.threads > 2 { options.engine.threads = 2 }
        let (addresses, continuation) = AsyncStream<Server.Address>.makeStream()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = Server(options, library: home.library, logger: logger) { continuation.yield($0) }
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [server], logger: logger))
        let running = Task { try await group.run() }
        guard let address = await addresses.first(where: { _ in true }) else { throw CancellationError() }
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        do {
            let live = LiveServer(address: address, library: home.library, client: client)
            try await body(ServiceRun(server: live, group: group, running: running))
            try await client.shutdown()
        } catch {
            try? await client.shutdown()
            running.cancel()
            throw error
        }
    }

    /// Waits for the end; throws if it was none in good order.
    func ended() async throws { try await running.value }

    /// Waits up to two seconds for the address to be nobody's.
    func refusesConnections() async throws -> Bool {
        for _ in 0..<40 {
            guard (try? RawSocket(port: server.address.port)) != nil else { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}

extension LiveServer {
    /// Waits until so many requests take part in steps.
    fileprivate func waitForRunning(_ count: Double) async throws {
        for _ in 0..<200 {
            let numbers = try await numbers()
            if try numbers.value("vllm:num_requests_running", ["model_name": "smol:latest"]) == count { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Exposition.Problem("\(count) requests do not run")
    }
}

/// The lines of an answer, as they come.
private struct Lines {
    private var parts: HTTPClientResponse.Body.AsyncIterator
    private var buffer = ""

    init(_ response: HTTPClientResponse) { parts = response.body.makeAsyncIterator() }

    mutating func next() async throws -> String? {
        while true {
            if let end = buffer.firstIndex(of: "\n") {
                let line = String(buffer[..<end])
                buffer = String(buffer[buffer.index(after: end)...])
                return line
            }
            guard let part = try await parts.next() else { return nil }
            buffer += String(buffer: part)
        }
    }
}

/// A connection without a client's manners.
final class RawSocket: Sendable {
    private let descriptor: Int32

    struct Refused: Error {}

    init(port: Int) throws {
        #if canImport(Darwin)
        descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // The descriptor is closed as the value goes.
        guard status == 0 else { throw Refused() }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    /// All that comes until the other side closes, on a thread of its own.
    func readToEnd() async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                var all: [UInt8] = []
                var part = [UInt8](repeating: 0, count: 1 << 16)
                while true {
                    let count = read(descriptor, &part, part.count)
                    guard count > 0 else { break }
                    all += part[..<count]
                }
                continuation.resume(returning: String(decoding: all, as: UTF8.self))
            }
        }
    }
}
