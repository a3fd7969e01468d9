import Hummingbird
import SwiftletGround

/// Who may do what: a route's access against the role of the caller's key, and the key's limits. Without keys everybody
/// may do everything; open routes are open.
struct Keys: Stage {
    func answer(_ call: Call, _ next: @escaping Route.Handler) async throws -> Response {
        guard call.route.access != .open else { return try await next(call) }
        switch call.caller {
        case .anyone: return try await next(call)
        case .refused(let failure): throw failure
        case .holder(let holder): return try await answer(call, next, holder)
        }
    }

    private func answer(_ call: Call, _ next: @escaping Route.Handler, _ holder: KeyHolder) async throws -> Response {
        let key = holder.key
        guard key.role.allows(call.route.access) else {
            throw ServerError(
                .forbidden, "the API key \"\(key.name)\" (\(key.role.rawValue)) may not \(call.route.access.deed)")
        }
        let ticket = try holder.use.begin(key, call.connection)
        var call = call
        call.connection = ticket.scope
        CallRecord.current?.count(for: ticket)
        do {
            return try await next(call).ending { _ in ticket.end() }
        } catch {
            ticket.end()
            throw ticket.scope.endReason ?? error
        }
    }
}
