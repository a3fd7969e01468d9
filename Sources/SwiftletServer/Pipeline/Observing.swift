import Hummingbird

/// Counts calls and keeps their numbers, until the last byte of the answer has been sent.
struct Observing: Stage {
    func answer(_ call: Call, _ next: Route.Handler) async throws -> Response {
        let core = call.core
        core.metrics.began()
        let record = CallRecord { [route = call.route] facts in core.ended(route, facts) }
        var response = try await CallRecord.$current.withValue(record) { try await next(call) }
        record.answered(status: response.status.code)
        guard response.body.contentLength == nil else {
            record.end()
            return response
        }
        let body = response.body
        response.body = ResponseBody { writer in
            defer { record.end() }
            do {
                try await body.write(writer)
            } catch {
                record.failed(status: RequestFailure.clientClosed.code)
                throw error
            }
        }
        return response
    }
}
