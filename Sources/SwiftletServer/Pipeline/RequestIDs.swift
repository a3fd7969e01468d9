import HTTPTypes
import Hummingbird

/// Every answer names its request, as the log does.
struct RequestIDs: Stage {
    func answer(_ call: Call, _ next: @escaping Route.Handler) async throws -> Response {
        var response = try await next(call)
        response.headers[.requestID] = call.context.id
        return response
    }
}

extension HTTPField.Name {
    static let requestID = Self("X-Request-Id")!
}
