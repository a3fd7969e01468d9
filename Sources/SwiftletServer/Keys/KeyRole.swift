/// What the holder of a key may do.
package enum KeyRole: String, Sendable, Hashable, CaseIterable {
    /// Everything: also pulls, creates, copies and deletes models.
    case admin
    /// Looks at models and runs them.
    case user
    /// Looks at models.
    case readOnly = "read-only"
}

extension KeyRole {
    func allows(_ access: Route.Access) -> Bool {
        switch (self, access) {
        case (_, .open), (_, .read), (.admin, _), (.user, .use): true
        case (.user, .admin), (.readOnly, .use), (.readOnly, .admin): false
        }
    }
}

extension Route.Access {
    /// What a call does, as a refusal tells it.
    var deed: String {
        switch self {
        case .open, .read: "look at models"
        case .use: "run models"
        case .admin: "change the library"
        }
    }
}
