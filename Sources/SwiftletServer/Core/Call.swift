import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import SwiftletGround

/// One request on its way through the server.
struct Call: Sendable {
    let core: ServerCore
    let route: Route
    let request: Request
    let context: ServerContext
    /// What ends the request when the client goes.
    var connection: Connection
    let log: RequestLog
    let arrived = ContinuousClock.now
    let caller: Caller

    /// Whom the request is for, in the engine's fair queue and in the log: the key's name, or the machine it comes from.
    var client: String { caller.holder?.key.name ?? context.remoteAddress }

    /// Where the request stands among others'.
    var priority: Int { caller.holder?.key.priority ?? 0 }

    /// When the answer must have begun: as long after the request as its `X-Max-Wait` says, or the options do; nil for never.
    func deadline() throws -> ContinuousClock.Instant? {
        guard let text = request.headers[.maxWait] else { return core.options.maxWait.map { arrived + $0 } }
        guard let seconds = Double(text), seconds >= 0, seconds <= 1e6 else {
            throw ServerError(.invalid, "must be seconds, from 0 to 1000000", at: "X-Max-Wait")
        }
        return arrived + .seconds(seconds)
    }

    /// A part of the path that the route names with `:name`.
    func parameter(_ name: String) -> String? { context.parameters.get(name).flatMap { $0.removingPercentEncoding } }

    /// The rest of the path where the route has `**`.
    var restOfPath: String {
        context.parameters.getCatchAll().joined(separator: "/").removingPercentEncoding ?? ""
    }

    /// The request's body as a JSON object; an empty body is an empty object.
    func fields() async throws -> Fields { try Fields(await json()) }

    /// The request's body as JSON, within the limits of size and depth.
    private func json() async throws -> JSONValue {
        let options = core.options
        let share = core.bodies.share()
        defer { share.end() }
        let body = try await wholeBody(upTo: options.bodyLimit, share)
        if let record = CallRecord.current {
            let audit = route.access == .use ? core.audit.log : nil
            record.body(
                bytes: body.readableBytes,
                promptDigest: audit?.keep(prompt: body.readableBytesView, request: context.id))
        }
        guard body.readableBytes > 0 else { return .object(JSONObject()) }
        return try JSONValue(
            parsing: body.readableBytesView, maximumDepth: options.depthLimit,
            maximumValues: options.limits.jsonValues)
    }

    private func wholeBody(upTo limit: Int, _ share: BodyMemory.Share) async throws -> ByteBuffer {
        let length = request.headers[.contentLength].flatMap { Int($0) }
        if let length, length > limit { throw NIOTooManyBytesError(maxBytes: limit) }
        var body = ByteBuffer()
        for try await part in try await self.body() {
            guard body.readableBytes + part.readableBytes <= limit else { throw NIOTooManyBytesError(maxBytes: limit) }
            try share.take(part.readableBytes)
            body.writeImmutableBuffer(part)
        }
        // What is not whole is no request.
        if let length, body.readableBytes < length { throw CancellationError() }
        return body
    }

    /// The request's body, for who reads it; a client that waits to be asked for it (`Expect: 100-continue`) is asked.
    func body() async throws -> RequestBody {
        if request.headers[.expect] != nil {
            try await context.channel.triggerUserOutboundEvent(ExchangeWatch.WantsBody()).get()
        }
        return request.body
    }
}

/// What Hummingbird keeps for a request; ours is in `Call`.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// The request's name, as in the log, whether or not that keeps it.
    let id: String

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        id = source.logger[metadataKey: "hb.request.id"]?.description ?? RequestID().description
    }

    /// The client's address without its port.
    var remoteAddress: String { channel.remoteAddress?.ipAddress ?? "local" }
}

extension HTTPField.Name {
    /// Seconds that a request waits for its answer to begin; then it is refused like one that finds no place.
    static let maxWait = Self("X-Max-Wait")!
}
