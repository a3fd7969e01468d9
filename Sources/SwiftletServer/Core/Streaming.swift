import Hummingbird
import NIOCore
import SwiftletGround
import Synchronization

/// How a stream of records is laid out.
enum StreamForm: Sendable {
    /// JSON, a value a line.
    case lines
    /// Server-sent events.
    case events

    var contentType: String {
        switch self {
        case .lines: "application/x-ndjson"
        case .events: "text/event-stream"
        }
    }
}

/// One record of a stream.
enum StreamRecord: Sendable {
    case json(JSONValue)
    /// A server-sent event with a name (Anthropic's have one).
    case event(String, JSONValue)
    /// The data of a server-sent event that is no JSON: `[DONE]`.
    case text(String)

    func text(_ form: StreamForm) -> String {
        switch (self, form) {
        case (.json(let value), .lines), (.event(_, let value), .lines): value.text() + "\n"
        case (.text(let text), .lines): text + "\n"
        case (.json(let value), .events): "data: \(value.text())\n\n"
        case (.event(let name, let value), .events): "event: \(name)\ndata: \(value.text())\n\n"
        case (.text(let text), .events): "data: \(text)\n\n"
        }
    }
}

/// Where a handler puts the records of its stream.
///
/// A handler never waits for its client. What the client has not taken is kept up to a limit; past that the stream ends.
final class StreamWriter: Sendable {
    fileprivate typealias Texts = AsyncThrowingStream<ByteBuffer, any Error>

    private let form: StreamForm
    private let limit: Int
    private let continuation: Texts.Continuation
    private let unread = Atomic<Int>(0)

    fileprivate init(_ form: StreamForm, limit: Int, _ continuation: Texts.Continuation) {
        (self.form, self.limit, self.continuation) = (form, limit, continuation)
    }

    func send(_ record: StreamRecord) {
        let text = ByteBuffer(string: record.text(form))
        let bytes = text.readableBytes
        let (_, sum) = unread.add(bytes, ordering: .relaxed)
        if sum > limit, sum > bytes {
            continuation.finish(throwing: RequestFailure.slowReader)
        } else {
            continuation.yield(text)
        }
    }

    func send(_ value: JSONValue) { send(.json(value)) }
    func send(event: String, _ value: JSONValue) { send(.event(event, value)) }

    /// The client's connection has room for more than these.
    fileprivate func took(_ text: ByteBuffer) { unread.subtract(text.readableBytes, ordering: .relaxed) }
}

extension RequestFailure {
    /// The status is for the log: who gets it has an answer that began.
    static let slowReader = Self(.requestTimeout, "the client does not take its answer")
}

extension Call {
    /// Answers with the records that `write` sends.
    ///
    /// The answer begins with the first record: what fails before it has its own status, what fails later is a record of the
    /// stream. When the client goes, `write` is cancelled.
    func stream(
        _ form: StreamForm, _ write: @escaping @Sendable (StreamWriter) async throws -> Void
    ) async throws -> Response {
        let (texts, continuation) = StreamWriter.Texts.makeStream()
        let stream = StreamWriter(form, limit: core.options.limits.unreadAnswer, continuation)
        let task = Task { [connection] in
            do {
                try await connection.run { try await write(stream) }
                continuation.finish(throwing: connection.endReason)
            } catch {
                continuation.finish(throwing: connection.endReason ?? error)
            }
        }
        let tally = CallRecord.current
        continuation.onTermination = { [connection] termination in
            task.cancel()
            // Nobody reads on, perhaps not even began to; who reads too slowly is told so after what it has not read.
            if case .cancelled = termination {
                tally?.failed(status: (connection.endReason?.status ?? RequestFailure.clientClosed).code)
                tally?.end()
            }
        }
        let first = try await texts.first { _ in true }
        if first == nil || Task.isCancelled {
            // What was ended meanwhile (a key that was revoked) is no empty answer, and no short one.
            if let reason = connection.endReason { throw reason }
            try Task.checkCancellation()
        }
        return Response(
            status: .ok, headers: [.contentType: form.contentType, .cacheControl: "no-cache"],
            body: ResponseBody { [route, log, readiness = core.readiness] writer in
                // Also when writing fails, since nobody is there.
                defer { task.cancel() }
                var next = first
                var rest = texts.makeAsyncIterator()
                while let text = next {
                    try await writer.write(text)
                    stream.took(text)
                    do {
                        next = try await rest.next()
                    } catch {
                        let failure = RequestFailure(readiness.cause(of: error))
                        log.failed(failure)
                        tally?.failed(status: failure.status.code)
                        next = nil
                        let last = route.family.record(of: failure)
                        try await writer.write(ByteBuffer(string: last.text(form)))
                    }
                }
                try await writer.finish(nil)
            })
    }
}
