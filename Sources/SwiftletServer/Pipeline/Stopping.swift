import HTTPTypes
import Hummingbird

/// A server that stops takes no more work on connections that it still has.
struct Stopping: Stage {
    func answer(_ call: Call, _ next: @escaping Route.Handler) async throws -> Response {
        switch call.route.access {
        case .use, .admin: if call.core.readiness.isStopping { throw ServerError.stopping }
        case .open, .read: break
        }
        do {
            return try await next(call)
        } catch {
            throw call.core.readiness.cause(of: error)
        }
    }
}
