import SwiftletGround

/// What one schema asks without references or combinations: each keyword of the merged schemas, checked and typed.
struct PlainSchema {
    struct Kinds: OptionSet, Hashable {
        let rawValue: UInt8
        static let null = Kinds(rawValue: 1)
        static let boolean = Kinds(rawValue: 2)
        static let integer = Kinds(rawValue: 4)
        /// Numbers that are no integers; "number" is both.
        static let fraction = Kinds(rawValue: 8)
        static let string = Kinds(rawValue: 16)
        static let array = Kinds(rawValue: 32)
        static let object = Kinds(rawValue: 64)
        static let number: Kinds = [.integer, .fraction]
        static let all: Kinds = [.null, .boolean, .number, .string, .array, .object]
    }

    struct Bound: Hashable {
        let value: JSONValue
        let isExclusive: Bool
    }

    var pointer: String
    var kinds: Kinds?
    /// `enum` and `const`.
    var values: [JSONValue]?
    var isNullable = false

    var properties = JSONObject()
    var patternProperties = JSONObject()
    /// nil: not said.
    var additionalProperties: JSONValue?
    var propertyNames: [JSONValue] = []
    var required: [String] = []
    var minProperties = 0
    var maxProperties: Int?

    var prefixItems: [JSONValue] = []
    var items: JSONValue?
    var minItems = 0
    var maxItems: Int?
    var uniqueItems = false

    var minLength = 0
    var maxLength: Int?
    var patterns: [String] = []
    var formats: [String] = []

    var lower: [Bound] = []
    var upper: [Bound] = []
    var divisors: [JSONValue] = []

    init(pointer: String) {
        self.pointer = pointer
    }

    /// Kinds of values that a keyword of this schema speaks about.
    var spokenOf: Kinds {
        var kinds: Kinds = []
        if !properties.isEmpty || !patternProperties.isEmpty || additionalProperties != nil || !required.isEmpty
            || minProperties > 0 || maxProperties != nil || !propertyNames.isEmpty
        {
            kinds.insert(.object)
        }
        if !prefixItems.isEmpty || items != nil || minItems > 0 || maxItems != nil || uniqueItems {
            kinds.insert(.array)
        }
        if minLength > 0 || maxLength != nil || !patterns.isEmpty || !formats.isEmpty { kinds.insert(.string) }
        if !lower.isEmpty || !upper.isEmpty || !divisors.isEmpty { kinds.formUnion(.number) }
        return kinds
    }

    /// The kinds of values that the schema takes: those it names, else those that its keywords speak about, else all.
    var effectiveKinds: Kinds {
        var result = kinds ?? (spokenOf.isEmpty ? .all : spokenOf)
        if isNullable { result.insert(.null) }
        return result
    }
}
