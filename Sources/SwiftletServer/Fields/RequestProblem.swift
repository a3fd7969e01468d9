package import SwiftletGround

/// What is wrong with a request's body; each family of APIs has its own words for it.
package struct RequestProblem: Error, Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case missing
        case type(expected: JSONKind, found: JSONKind)
        /// A number outside its limits; each is as it would stand in JSON.
        case below(limit: String, found: String, isInteger: Bool)
        case above(limit: String, found: String, isInteger: Bool)
        case choice(found: String, allowed: [String])
        /// A sentence, without its full stop.
        case other(String)
    }

    package let kind: Kind
    package let path: FieldPath

    package init(_ kind: Kind, at path: FieldPath) { (self.kind, self.path) = (kind, path) }
}

/// What a value of JSON is.
package enum JSONKind: Sendable, Hashable {
    case null, bool, integer, number, string, array, object

    package init(_ value: JSONValue) {
        self =
            switch value {
            case .null: .null
            case .bool: .bool
            case .integer: .integer
            case .number: .number
            case .string: .string
            case .array: .array
            case .object: .object
            }
    }
}
