import Hummingbird

/// Where an audit log is wanted and cannot be written, nothing happens that it should tell of. (`ServerCore.ended` writes.)
struct Auditing: Stage {
    func answer(_ call: Call, _ next: @escaping Route.Handler) async throws -> Response {
        if call.route.access != .open { try await call.core.audit.log?.check() }
        return try await next(call)
    }
}
