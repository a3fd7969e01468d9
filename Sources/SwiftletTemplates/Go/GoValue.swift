import SwiftletGround

/// A value as Go's text/template sees it.
enum GoValue: Sendable {
    /// `nil`, and what a missing key gives.
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(String)
    case list(ArraySlice<GoValue>, GoPrinting = .usual)
    case map(GoMap)
    case object(GoObject)

    /// How a value of a named type prints itself.
    enum GoPrinting: Sendable {
        case usual
        case json(JSONValue)
        case text(String)
    }

    /// False, 0 and what is empty; an object never is.
    var isTrue: Bool {
        switch self {
        case .none: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .float(let value): value != 0
        case .string(let text): !text.utf8.isEmpty
        case .list(let elements, _): !elements.isEmpty
        case .map(let map): !map.entries.isEmpty
        case .object: true
        }
    }

    /// The type's name in errors.
    var kind: String {
        switch self {
        case .none: "nil"
        case .bool: "bool"
        case .int: "int"
        case .float: "float"
        case .string: "string"
        case .list: "list"
        case .map: "map"
        case .object: "object"
        }
    }
}

/// A map with string keys, in their order, as Go ranges over maps.
struct GoMap: Sendable {
    let entries: [(key: String, value: GoValue)]
    var printing = GoValue.GoPrinting.usual

    init(_ entries: some Sequence<(String, GoValue)>, printing: GoValue.GoPrinting = .usual) {
        self.entries = entries.map { (key: $0.0, value: $0.1) }.sorted { ByteString($0.key) < ByteString($1.key) }
        self.printing = printing
    }

    subscript(key: String) -> GoValue? {
        let key = ByteString(key)
        var range = 0..<entries.count
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            let found = ByteString(entries[middle].key)
            if found == key { return entries[middle].value }
            range = found < key ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }
}

/// A struct: fields by name, and the JSON that it prints as; without, it prints as Go prints structs.
struct GoObject: Sendable {
    let fields: [(name: String, value: GoValue)]
    var json: JSONValue?

    subscript(name: String) -> GoValue? { fields.first { ByteString($0.name) == ByteString(name) }?.value }
}
