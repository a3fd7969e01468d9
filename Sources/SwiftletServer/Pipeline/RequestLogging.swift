import Hummingbird
import Logging

/// A line for each request: what, how it ended, how long the handler took; never what was said.
struct RequestLogging: Stage {
    func answer(_ call: Call, _ next: @escaping Route.Handler) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(call)
        let elapsed = start.duration(to: .now)
        call.log.logger.info(
            "\(call.route.method.rawValue) \(call.route.path) \(response.status.code)",
            metadata: [
                "client": "\(call.client)", "milliseconds": "\(elapsed / .milliseconds(1))",
            ])
        return response
    }
}

/// The log of one request.
struct RequestLog: Sendable {
    let logger: Logger

    init(_ logger: Logger, _ route: Route) { self.logger = logger }

    func failed(_ error: any Error) {
        let failure = RequestFailure(error)
        CallRecord.current?.failed(status: failure.status.code)
        logger.log(
            // Who asks for what is not offered is told so, and nothing is wrong with the server.
            level: failure.status.code >= 500 && failure.status != .notImplemented ? .error : .debug,
            "\(failure.status.code)",
            metadata: ["error": "\(failure.message)"])
    }
}
