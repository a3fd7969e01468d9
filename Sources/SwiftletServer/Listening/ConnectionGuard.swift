import Logging
import NIOCore

/// Stands before the HTTP decoder and closes a connection that keeps the server waiting.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let table: ConnectionTable
    /// None: the connection is refused.
    private let seat: Int?
    private let logger: Logger
    private let interval: TimeAmount
    private var pace: ConnectionPace
    private var context: ChannelHandlerContext?
    private var check: Scheduled<Void>?
    private var hasBegun = false
    private var hasAnswered = false

    init(_ limits: ConnectionLimits, _ table: ConnectionTable, seat: Int?, logger: Logger) {
        (self.table, self.seat, self.logger) = (table, seat, logger)
        pace = ConnectionPace(limits, now: .now)
        interval = TimeAmount(ConnectionPace.interval(limits))
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        check?.cancel()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        if seat == nil {
            answer(.serviceUnavailable, context)
            context.close(promise: nil)
        } else {
            schedule(context)
        }
    }

    func read(context: ChannelHandlerContext) {
        pace.wants(.now)
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard seat != nil else { return }
        hasBegun = true
        pace.took(Self.unwrapInboundIn(data).readableBytes, .now)
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        pace.wrote(Self.unwrapOutboundIn(data).readableBytes)
        hasAnswered = true
        context.write(data, promise: promise)
    }

    // What the decoder found, and the encoder wrote.

    func headEnded() {
        if let seat { table.works(seat) }
        hasAnswered = false
        if !pace.headEnded(.now) { close(.pipelined) }
    }

    func bodyCame(_ bytes: Int) { pace.bodyCame(bytes) }

    func requestEnded() { pace.requestEnded(.now) }

    func answerEnded() {
        pace.answerEnded(.now)
        if pace.unanswered == 0, let seat { table.waits(seat) }
    }

    var isAnswering: Bool { pace.unanswered > 0 }
    var isReading: Bool { pace.isReading }

    private func schedule(_ context: ChannelHandlerContext) {
        check = context.eventLoop.assumeIsolated().scheduleTask(in: interval) { [weak self] in
            guard let self, let context = self.context else { return }
            let buffered = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
            if let reason = pace.check(buffered: buffered, .now) {
                close(reason)
            } else {
                schedule(context)
            }
        }
    }

    private func close(_ reason: ConnectionPace.Reason) {
        guard let context else { return }
        table.closed(reason)
        logger.log(
            level: reason.level, "\(reason.text)",
            metadata: ["client": "\(context.channel.remoteAddress?.ipAddress ?? "local")"])
        // Who waits for an answer gets one, unless one has begun.
        if [.slowHead, .slowBody].contains(reason), hasBegun, !hasAnswered { answer(.requestTimeout, context) }
        context.close(promise: nil)
    }

    private func answer(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(.byteBuffer(ByteBuffer(string: refusal.text))), promise: nil)
    }
}

/// Answers that are given below HTTP.
private enum Refusal {
    case serviceUnavailable, requestTimeout

    var text: String {
        let (status, more, error) =
            switch self {
            case .serviceUnavailable:
                ("503 Service Unavailable", "Retry-After: 5\r\n", "all connections of the server are taken")
            case .requestTimeout: ("408 Request Timeout", "", "the request came too slowly")
            }
        let body = #"{"error":"\#(error)"}"#
        return "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\(more)"
            + "Connection: close\r\n\r\n\(body)"
    }
}

extension ConnectionPace.Reason {
    /// For the log.
    fileprivate var text: String {
        switch self {
        case .full: "a connection was refused: all are taken"
        case .room: "a connection without a request made room for another one"
        case .idle: "a connection was closed: no request came"
        case .slowHead: "a connection was closed: its request's header fields came too slowly"
        case .slowBody: "a connection was closed: its request's body came too slowly"
        case .slowReader: "a connection was closed: the client does not take its answer"
        case .pipelined: "a connection was closed: it sent too many requests before their answers"
        case .framing: "a connection was closed: its request's chunks are all but empty"
        case .drained: "a connection was closed: its request went on after the answer"
        }
    }

    fileprivate var level: Logger.Level {
        switch self {
        case .idle, .drained, .slowHead: .debug
        default: .info
        }
    }
}
