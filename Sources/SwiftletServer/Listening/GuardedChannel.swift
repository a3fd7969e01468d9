import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// Hummingbird's HTTP/1.1, with a guard at its door.
struct GuardedChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    private let base: HTTP1Channel
    private let core: ServerCore
    private let identity: TLSIdentity?

    /// `identity`: for TLS.
    init(_ core: ServerCore, _ identity: TLSIdentity?, _ responder: @escaping HTTPChannelHandler.Responder) {
        let limits = core.options.limits
        var configuration = HTTP1Channel.Configuration(additionalChannelHandlers: [core.connections.makeHandler()])
        configuration.httpDecoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: limits.headSize, maxHeaderListSize: limits.headSize,
            maxHeaderFieldCount: limits.headFields)
        base = HTTP1Channel(responder: responder, configuration: configuration)
        (self.core, self.identity) = (core, identity)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let seat = core.table.admit(channel)
        do {
            let pipeline = channel.pipeline.syncOperations
            if let identity { try pipeline.addHandler(NIOSSLServerHandler(context: identity.context)) }
            let sentry = ConnectionGuard(core.options.limits, core.table, seat: seat, logger: core.logger)
            try pipeline.addHandler(sentry)
            return base.setup(channel: channel, logger: logger).flatMapThrowing { value in
                let pipeline = channel.pipeline.syncOperations
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                let sentry = try pipeline.handler(type: ConnectionGuard.self)
                try pipeline.addHandler(ExchangeWatch(sentry), position: .after(decoder))
                return value
            }
        } catch {
            // It was closed before it was set up.
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(error)
        }
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
