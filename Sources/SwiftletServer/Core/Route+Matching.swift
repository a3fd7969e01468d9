import Hummingbird
import SwiftletGround

extension Route {
    /// Whether a path is the route's, whatever the method.
    func matches(_ path: String) -> Bool {
        let (steps, own) = (path.split(separator: "/"), self.path.split(separator: "/"))
        guard own.last == "**" ? steps.count >= own.count : steps.count == own.count else { return false }
        return zip(own, steps).allSatisfy { own, step in
            own == "**" || own.hasPrefix(":") || own.utf8.elementsEqual(step.utf8)
        }
    }

    /// What a path answers to a method that none of its routes has; nil without routes.
    init?(refusing method: HTTPRequest.Method, of routes: [Route]) {
        guard let first = routes.first else { return nil }
        var names = Set(routes.map(\.method.rawValue))
        if names.contains("GET") { names.insert("HEAD") }
        let allowed = names.sorted().joined(separator: ", ")
        self.init(method, first.path, .open, first.family) { _ in
            var failure = RequestFailure(
                ServerError(.method, "the method \(method.rawValue.prefix(20)) is not allowed here, only \(allowed)"))
            failure.allowed = allowed
            throw failure
        }
    }
}
