import Hummingbird

/// One line of the server's table.
struct Route: Sendable {
    typealias Handler = @Sendable (Call) async throws -> Response

    /// Who may call, if the server has keys; `KeyRole` says which of them.
    enum Access: Sendable {
        /// Everybody, also probes.
        case open
        /// Looks at models.
        case read
        /// Runs models.
        case use
        /// Changes the library.
        case admin
    }

    let method: HTTPRequest.Method
    let path: String
    let access: Access
    let family: any APIFamily
    let handler: Handler

    init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ family: any APIFamily,
        _ handler: @escaping Handler
    ) {
        (self.method, self.path, self.access) = (method, path, access)
        (self.family, self.handler) = (family, handler)
    }
}
