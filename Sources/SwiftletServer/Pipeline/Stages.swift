import Hummingbird

/// One thing that happens to every call.
protocol Stage: Sendable {
    func answer(_ call: Call, _ next: @escaping Route.Handler) async throws -> Response
}

/// The table of stages, the outermost first.
enum Stages {
    static func all(_ options: ServerOptions) -> [any Stage] {
        [
            RequestIDs(),
            RequestLogging(),
            // It counts what is refused below, too.
            Observing(),
            ErrorShapes(),
            Auditing(),
            Hosts(options),
            Origins(),
            // A page that may ask may read why it was refused.
            ErrorShapes(),
            Stopping(),
            Keys(),
            Disconnects(),
        ]
    }
}

/// Errors become answers in the shape of the route's family.
struct ErrorShapes: Stage {
    func answer(_ call: Call, _ next: @escaping Route.Handler) async throws -> Response {
        do {
            return try await next(call)
        } catch {
            call.log.failed(error)
            return call.route.family.response(to: error)
        }
    }
}

/// A handler is cancelled when its client goes. (A stream's writing goes on after the handler: `Call.stream` sees to it.)
struct Disconnects: Stage {
    func answer(_ call: Call, _ next: @escaping Route.Handler) async throws -> Response {
        try await call.connection.run { try await next(call) }
    }
}
