import Foundation

/// What all parts of a response have in common.
package struct ResponseHead: Sendable {
    /// The end of identifiers, without what each API puts before it.
    package var id: String
    /// Seconds since 1970.
    package var created: Int
    /// The model under the name that the request gave it.
    package var model: String

    package init(id: String, created: Int, model: String) {
        (self.id, self.created, self.model) = (id, created, model)
    }

    /// A name for what a response is made of: `prefix` and 24 letters and digits at random.
    package static func makeID(_ prefix: String = "") -> String {
        let signs = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".unicodeScalars)
        return (0..<24).reduce(into: prefix) { text, _ in
            text.unicodeScalars.append(signs[Int.random(in: signs.indices)])
        }
    }

    /// The head of a response that begins now.
    package static func now(model: String) -> Self {
        Self(id: makeID(), created: Int(Date().timeIntervalSince1970), model: model)
    }

    /// What answered: with the same fingerprint, seed and request the same answer comes.
    package static let fingerprint = "swiftlet-" + ServerVersion.current
}
