import NIOCore
import NIOHTTP1
import NIOPosix
import SwiftletGround
import Synchronization

/// A collector of OpenTelemetry on loopback: keeps what it gets.
final class Collector: Sendable {
    struct Delivery: Sendable {
        let method: String
        let path: String
        let contentType: String
        let body: String
    }

    private let channel: any Channel
    private let kept: Kept

    fileprivate final class Kept: Sendable {
        let deliveries = Mutex<[Delivery]>([])
    }

    private init(_ channel: any Channel, _ kept: Kept) { (self.channel, self.kept) = (channel, kept) }

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }
    var deliveries: [Delivery] { kept.deliveries.withLock { $0 } }

    /// `status` says how each delivery is answered, counted from 1.
    static func with<Value>(
        status: @escaping @Sendable (Int) -> Int = { _ in 200 }, _ body: (Collector) async throws -> Value
    ) async throws -> Value {
        let kept = Kept()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(CollectorHandler(kept, status))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let value = try await body(Collector(channel, kept))
            try await channel.close()
            return value
        } catch {
            try? await channel.close()
            throw error
        }
    }

    /// The spans that came, once there are so many.
    func spans(_ count: Int) async throws -> [JSONValue] {
        for _ in 0..<200 {
            let spans = try spans
            if spans.count >= count { return spans }
            try await Task.sleep(for: .milliseconds(50))
        }
        return try spans
    }

    private var spans: [JSONValue] {
        get throws {
            try deliveries.flatMap { delivery -> [JSONValue] in
                let scopes = try JSONValue(parsing: delivery.body)["resourceSpans"]?.array?.first?["scopeSpans"]
                return scopes?.array?.first?["spans"]?.array ?? []
            }
        }
    }
}

private final class CollectorHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let kept: Collector.Kept
    private let status: @Sendable (Int) -> Int
    private var head: HTTPRequestHead?
    private var body = ""

    init(_ kept: Collector.Kept, _ status: @escaping @Sendable (Int) -> Int) {
        (self.kept, self.status) = (kept, status)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (self.head, body) = (head, "")
        case .body(let buffer): body += String(buffer: buffer)
        case .end:
            guard let head else { return }
            let number = kept.deliveries.withLock { deliveries in
                deliveries.append(
                    Collector.Delivery(
                        method: head.method.rawValue, path: head.uri,
                        contentType: head.headers.first(name: "content-type") ?? "", body: body))
                return deliveries.count
            }
            let answer = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: status(number)),
                headers: ["Content-Length": "2", "Content-Type": "application/json"])
            context.write(wrapOutboundOut(.head(answer)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "{}")))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
