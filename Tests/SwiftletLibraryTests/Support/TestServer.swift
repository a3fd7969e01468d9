import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A real HTTP/1.1 server on loopback whose answers a test writes, down to broken connections and lying lengths.
final class TestServer: Sendable {
    struct Request: Sendable {
        let path: String
        let headers: HTTPHeaders

        /// The first byte asked for with `Range: bytes=N-`.
        var rangeStart: Int? {
            headers.first(name: "range").flatMap { $0.firstMatch(of: /^bytes=(\d+)-$/) }.flatMap { Int($0.1) }
        }
    }

    struct Response: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// What Content-Length says; the body's count without it, no such header if negative.
        var length: Int?
        /// Cuts the connection after so many bytes of the body.
        var cutAfter: Int?
        /// The body waits until the gate is open.
        var gate: Gate?
    }

    /// Holds answers back until a test has seen what it waits for.
    final class Gate: Sendable {
        private let opened = Mutex(false)
        var isOpen: Bool { opened.withLock { $0 } }
        func open() { opened.withLock { $0 = true } }
    }

    private let channel: any Channel
    private let log: RequestLog
    var requests: [Request] { log.requests.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    private final class RequestLog: Sendable {
        let requests = Mutex<[Request]>([])
    }

    private init(channel: any Channel, log: RequestLog) {
        self.channel = channel
        self.log = log
    }

    static func with<Result>(
        _ answer: @escaping @Sendable (Request, Int) -> Response, _ body: (TestServer) async throws -> Result
    ) async throws -> Result {
        let log = RequestLog()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { request in
                            let number = log.requests.withLock {
                                $0.append(request)
                                return $0.count
                            }
                            return answer(request, number)
                        })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = TestServer(channel: channel, log: log)
        do {
            let result = try await body(server)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    /// A server that does all right: ranges, strong ETag.
    static func file(_ bytes: [UInt8], _ request: Request, etag: String = "\"v1\"") -> Response {
        let headers = [("ETag", etag), ("Accept-Ranges", "bytes")]
        guard let start = request.rangeStart, request.headers.first(name: "if-range").map({ $0 == etag }) ?? true else {
            return Response(headers: headers, body: bytes)
        }
        guard start < bytes.count else {
            return Response(status: 416, headers: [("Content-Range", "bytes */\(bytes.count)")])
        }
        return Response(
            status: 206, headers: headers + [("Content-Range", "bytes \(start)-\(bytes.count - 1)/\(bytes.count)")],
            body: Array(bytes[start...]))
    }
}

private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (TestServer.Request) -> TestServer.Response
    private var head: HTTPRequestHead?

    init(_ answer: @escaping @Sendable (TestServer.Request) -> TestServer.Response) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            send(answer(TestServer.Request(path: head.uri, headers: head.headers)), context)
        }
    }

    private func send(_ response: TestServer.Response, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders(response.headers)
        let length = response.length ?? response.body.count
        if length >= 0 { headers.add(name: "Content-Length", value: String(length)) }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        waitForGate(response, context)
    }

    private func waitForGate(_ response: TestServer.Response, _ context: ChannelHandlerContext) {
        guard let gate = response.gate, !gate.isOpen else { return sendBody(response, context) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(10)) {
            let (handler, context) = bound.value
            if context.channel.isActive { handler.waitForGate(response, context) }
        }
    }

    private func sendBody(_ response: TestServer.Response, _ context: ChannelHandlerContext) {
        let bytes = response.cutAfter.map { Array(response.body.prefix($0)) } ?? response.body
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes))))).whenComplete { _ in
            if response.cutAfter != nil { bound.value.close(promise: nil) }
        }
        if response.cutAfter == nil { context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
    }
}
