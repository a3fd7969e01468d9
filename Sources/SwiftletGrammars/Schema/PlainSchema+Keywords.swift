import SwiftletGround

extension PlainSchema {
    /// Reads the keywords of one schema object that assert something by themselves.
    init(_ schema: JSONObject, at pointer: String) throws(GrammarError) {
        self.init(pointer: pointer)
        for member in schema {
            let place = pointer + "/" + JSONPointer.escaped(member.key)
            try read(member.key, member.value, at: place)
        }
        // Drafts 4 to 7: a tuple is `items`, and `additionalItems` what follows it.
        if let tuple = schema["items"]?.array {
            prefixItems = tuple
            items = schema["additionalItems"]
        }
        // Draft 4: exclusive bounds are flags.
        if schema["exclusiveMinimum"] == .bool(true) { lower = lower.map { Bound(value: $0.value, isExclusive: true) } }
        if schema["exclusiveMaximum"] == .bool(true) { upper = upper.map { Bound(value: $0.value, isExclusive: true) } }
    }

    private mutating func read(_ key: String, _ value: JSONValue, at place: String) throws(GrammarError) {
        switch key {
        case "type": kinds = try Self.kinds(value, at: place)
        case "nullable": isNullable = value == .bool(true)
        case "enum":
            guard let array = value.array else { throw SchemaCompiler.wrong(place, "an array") }
            values = array
        case "const": values = [value]
        case "properties": properties = try Self.schemas(value, at: place)
        case "patternProperties": patternProperties = try Self.schemas(value, at: place)
        case "additionalProperties": additionalProperties = try Self.schema(value, at: place)
        case "unevaluatedProperties", "unevaluatedItems":
            // Only what is not named is closed, which it is anyway.
            guard value == .bool(false) || value == .bool(true) else { throw SchemaCompiler.unsupported(place) }
            if key == "unevaluatedProperties", additionalProperties == nil { additionalProperties = value }
        case "propertyNames": propertyNames = [try Self.schema(value, at: place)]
        case "required":
            // Draft 3 had a flag here, which some tools still write beside a property's type.
            if case .bool = value { return }
            guard let array = value.array else { throw SchemaCompiler.wrong(place, "an array of names") }
            for name in array {
                guard let name = name.string else { throw SchemaCompiler.wrong(place, "an array of names") }
                if !required.contains(where: { ByteString($0) == ByteString(name) }) { required.append(name) }
            }
        case "minProperties": minProperties = try Self.count(value, at: place)
        case "maxProperties": maxProperties = try Self.count(value, at: place)
        case "prefixItems":
            guard let array = value.array else { throw SchemaCompiler.wrong(place, "an array of schemas") }
            prefixItems = array
        case "items":
            if value.array == nil { items = try Self.schema(value, at: place) }
        case "minItems": minItems = try Self.count(value, at: place)
        case "maxItems": maxItems = try Self.count(value, at: place)
        case "uniqueItems": uniqueItems = value == .bool(true)
        case "minLength": minLength = try Self.count(value, at: place)
        case "maxLength": maxLength = try Self.count(value, at: place)
        case "pattern", "format":
            guard let text = value.string else { throw SchemaCompiler.wrong(place, "a string") }
            if key == "pattern" { patterns = [text] } else { formats = [text] }
        case "minimum": lower.append(Bound(value: try Self.number(value, at: place), isExclusive: false))
        case "maximum": upper.append(Bound(value: try Self.number(value, at: place), isExclusive: false))
        case "exclusiveMinimum":
            if case .bool = value { return }
            lower.append(Bound(value: try Self.number(value, at: place), isExclusive: true))
        case "exclusiveMaximum":
            if case .bool = value { return }
            upper.append(Bound(value: try Self.number(value, at: place), isExclusive: true))
        case "multipleOf":
            guard let number = value.number, number > 0 else { throw SchemaCompiler.wrong(place, "a number above 0") }
            divisors = [value]
        case "contains", "minContains", "maxContains", "not", "if", "then", "else", "dependentSchemas",
            "dependentRequired", "dependencies", "$dynamicRef", "$recursiveRef":
            throw SchemaCompiler.unsupported(place)
        default:
            // References and combinations are the compiler's; all else describes and asks nothing.
            break
        }
    }

    private static func kinds(_ value: JSONValue, at place: String) throws(GrammarError) -> Kinds {
        var kinds: Kinds = []
        for name in value.array ?? [value] {
            switch name.string {
            case "null": kinds.insert(.null)
            case "boolean": kinds.insert(.boolean)
            case "integer": kinds.insert(.integer)
            case "number": kinds.formUnion(.number)
            case "string": kinds.insert(.string)
            case "array": kinds.insert(.array)
            case "object": kinds.insert(.object)
            default: throw SchemaCompiler.wrong(place, "the name of a type, or an array of them")
            }
        }
        return kinds
    }

    private static func schema(_ value: JSONValue, at place: String) throws(GrammarError) -> JSONValue {
        switch value {
        case .bool, .object: return value
        default: throw SchemaCompiler.wrong(place, "a schema")
        }
    }

    private static func schemas(_ value: JSONValue, at place: String) throws(GrammarError) -> JSONObject {
        guard let object = value.object else { throw SchemaCompiler.wrong(place, "an object of schemas") }
        for member in object { _ = try schema(member.value, at: place + "/" + JSONPointer.escaped(member.key)) }
        return object
    }

    private static func count(_ value: JSONValue, at place: String) throws(GrammarError) -> Int {
        guard let count = value.integer, count >= 0 else { throw SchemaCompiler.wrong(place, "a count") }
        return min(count, GrammarLimits.count)
    }

    private static func number(_ value: JSONValue, at place: String) throws(GrammarError) -> JSONValue {
        guard value.number != nil else { throw SchemaCompiler.wrong(place, "a number") }
        return value
    }
}
