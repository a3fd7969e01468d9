import NIOCore
import NIOHTTP1

/// Stands behind the HTTP decoder: tells the guard where requests and answers end, answers what is no HTTP, and lets bodies
/// come that wait to be asked for.
final class ExchangeWatch: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let sentry: ConnectionGuard
    /// Whether the client waits to be told that its request's body is wanted.
    private var awaitsContinue = false
    /// Nothing more can be read from the connection.
    private var isBroken = false

    /// What a handler that is about to read a body asks of the connection.
    struct WantsBody: Sendable {}

    init(_ sentry: ConnectionGuard) { self.sentry = sentry }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            awaitsContinue = head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
            sentry.headEnded()
        case .body(let bytes):
            awaitsContinue = false
            sentry.bodyCame(bytes.readableBytes)
            // The answer is out: nobody reads the rest.
            if !sentry.isAnswering { return }
        case .end: sentry.requestEnded()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        drain(context)
    }

    /// Reads on after an answer though nobody takes what comes: a client that sends its request to the end first would not
    /// see the answer.
    private func drain(_ context: ChannelHandlerContext) {
        if sentry.isReading, !sentry.isAnswering { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = Self.unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        context.write(data, promise: promise)
        sentry.answerEnded()
        drain(context)
        if isBroken {
            context.flush()
            context.close(promise: nil)
        }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is WantsBody else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if awaitsContinue {
            awaitsContinue = false
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(Self.wrapOutboundOut(.head(head)), promise: nil)
        }
        promise?.succeed()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        isBroken = true
        // A handler that reads the body hears of it.
        guard !sentry.isAnswering else { return context.fireErrorCaught(error) }
        // The rest of a request that has its answer.
        guard !sentry.isReading else { return context.close(promise: nil) }
        let isTooLarge = error == .headerOverflow
        let text =
            isTooLarge
            ? #"{"error":"the request's header fields are too large"}"# : #"{"error":"the request is no HTTP/1.1"}"#
        let head = HTTPResponseHead(
            version: .http1_1, status: isTooLarge ? .requestHeaderFieldsTooLarge : .badRequest,
            headers: [
                "content-type": "application/json", "content-length": String(text.utf8.count), "connection": "close",
            ])
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }
}
