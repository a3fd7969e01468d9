import Hummingbird
import SwiftletGround

/// Who may do what: a route's access against the role of the caller's key, and the key's limits. Without keys everybody
/// may do everything; open routes are open.
struct Keys: Stage {
    func answer(_ call: Call, _ next: Route.Handler) async throws -> Response {
        guard call.route.access != .open else { return try await next(call) }
        switch call.caller {
        case .anyone: return try await next(call)
        case .refused(let failure): throw failure
        case .holder(let holder): return try await answer(call, next, holder)
        }
    }

    private func answer(_ call: Call, _ next: Route.Handler, _ holder: KeyHolder) async throws -> Response {
        let key = holder.key
        guard key.role.allows(call.route.access) else {
            throw ServerError(
                .forbidden, "the API key \"\(key.name)\" (\(key.role.rawValue)) may not \(call.route.access.deed)")
        }
        let ticket = try holder.use.begin(key, call.connection)
        var call = call
        call.connection = ticket.scope
        var response: Response
        do {
            response = try await KeyTicket.$current.withValue(ticket) { [call] in try await next(call) }
        } catch {
            ticket.end()
            throw ticket.scope.endReason ?? error
        }
        // Only a stream goes on after its handler.
        guard response.body.contentLength == nil else {
            ticket.end()
            return response
        }
        let body = response.body
        response.body = ResponseBody { writer in
            defer { ticket.end() }
            try await body.write(writer)
        }
        return response
    }
}
