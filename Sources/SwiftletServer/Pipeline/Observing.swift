import Hummingbird

/// Counts calls and keeps their numbers, until the last byte of the answer has been sent.
struct Observing: Stage {
    func answer(_ call: Call, _ next: @escaping Route.Handler) async throws -> Response {
        let core = call.core
        core.metrics.began()
        let record = CallRecord { [route = call.route] facts in core.ended(route, facts) }
        let response = try await CallRecord.$current.withValue(record) { try await next(call) }
        record.answered(status: response.status.code)
        return response.ending { error in
            if error != nil { record.failed(status: RequestFailure.clientClosed.code) }
            record.end()
        }
    }
}
