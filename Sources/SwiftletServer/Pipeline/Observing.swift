import Hummingbird
import Tracing

/// Counts calls, keeps their numbers and spans, until the last byte of the answer has been sent.
struct Observing: Stage {
    func answer(_ call: Call, _ next: @escaping Route.Handler) async throws -> Response {
        let core = call.core
        core.metrics.began()
        let trace = CallTrace(call)
        let record = CallRecord { facts in
            core.ended(call, facts)
            trace?.end(facts)
        }
        var response = try await CallRecord.$current.withValue(record) {
            guard let trace else { return try await next(call) }
            return try await InstrumentationContext.withValue(trace.context) { try await next(call) }
        }
        trace?.mark(&response)
        record.answered(status: response.status.code)
        return await response.ending { error in
            if error != nil { record.failed(status: RequestFailure.clientClosed.code) }
            record.end()
            // Who has the whole answer is in the log.
            await core.audit.log?.flush()
        }
    }
}
