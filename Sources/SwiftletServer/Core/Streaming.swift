import Hummingbird
import NIOCore
import SwiftletGround

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
struct StreamWriter: Sendable {
    fileprivate let continuation: AsyncThrowingStream<StreamRecord, any Error>.Continuation

    func send(_ record: StreamRecord) { continuation.yield(record) }
    func send(_ value: JSONValue) { continuation.yield(.json(value)) }
    func send(event: String, _ value: JSONValue) { continuation.yield(.event(event, value)) }
}

extension Call {
    /// Answers with the records that `write` sends.
    ///
    /// The answer begins with the first record: what fails before it has its own status, what fails later is a record of the
    /// stream. When the client goes, `write` is cancelled.
    func stream(
        _ form: StreamForm, _ write: @escaping @Sendable (StreamWriter) async throws -> Void
    ) async throws -> Response {
        let (records, continuation) = AsyncThrowingStream<StreamRecord, any Error>.makeStream()
        let task = Task { [connection] in
            do {
                try await connection.run { try await write(StreamWriter(continuation: continuation)) }
                continuation.finish(throwing: connection.endReason)
            } catch {
                continuation.finish(throwing: connection.endReason ?? error)
            }
        }
        let tally = CallRecord.current
        continuation.onTermination = { termination in
            task.cancel()
            // Nobody reads on, perhaps not even began to.
            if case .cancelled = termination {
                tally?.failed(status: RequestFailure.clientClosed.code)
                tally?.end()
            }
        }
        let first = try await records.first { _ in true }
        if first == nil {
            // Nothing came because this task was cancelled: that is no empty answer.
            if let reason = connection.endReason { throw reason }
            try Task.checkCancellation()
        }
        return Response(
            status: .ok, headers: [.contentType: form.contentType, .cacheControl: "no-cache"],
            body: ResponseBody { [route, log, readiness = core.readiness] writer in
                // Also when writing fails, since nobody is there.
                defer { task.cancel() }
                var next = first
                var rest = records.makeAsyncIterator()
                while let record = next {
                    try await writer.write(ByteBuffer(string: record.text(form)))
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
