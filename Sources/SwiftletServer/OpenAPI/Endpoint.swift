import HTTPTypes

/// A line of the server's table as its description must have it.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// In capitals, as in a request.
    package let method: String
    /// Parameters are braces without names: `/v1/models/{}`.
    package let path: String
    /// Who may call: `open`, `read`, `use` or `admin`.
    package let access: String

    /// `path` has parameters in OpenAPI's form (`{name}`).
    package init(method: String, path: String, access: String) {
        (self.method, self.access) = (method, access)
        let steps = path.split(separator: "/", omittingEmptySubsequences: false)
        self.path = steps.map { $0.hasPrefix("{") ? "{}" : $0 }.joined(separator: "/")
    }

    /// All of the server's table.
    package static var all: [Endpoint] {
        Routes.all.map { route in
            let steps = route.path.split(separator: "/", omittingEmptySubsequences: false)
            let path = steps.map { $0.hasPrefix(":") || $0 == "**" ? "{}" : $0 }.joined(separator: "/")
            return Endpoint(method: route.method.rawValue, path: path, access: "\(route.access)")
        }
    }

    package var description: String { "\(method) \(path) \(access)" }
}
