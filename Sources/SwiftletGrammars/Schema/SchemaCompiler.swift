public import SwiftletGround

/// JSON Schema (drafts 4 to 2020-12, and OpenAPI's `nullable`) to a grammar of the valid texts.
///
/// Sound: every text of the grammar is valid. Not complete, by choice: members come in the order of the schema; an object
/// that names properties has no others unless `additionalProperties` says so (as llama.cpp); strings from patterns have
/// one spelling. What cannot be held exactly is an error with the JSON pointer.
struct SchemaCompiler {
    let document: JSONValue
    var json: JSONRules
    /// Rules of schemas that have been met.
    private var known: [JSONValue: Int] = [:]
    private var depth = 0

    static func compile(_ schema: JSONValue, _ spacing: JSONSpacing) throws(GrammarError) -> Grammar {
        var compiler = SchemaCompiler(document: schema, json: JSONRules(spacing))
        let root = try compiler.value(schema, at: "#")
        return try Grammar(checking: compiler.json.rules, root: root) { name in name == "root" ? "#" : name }
    }

    /// The grammar of one schema's values.
    mutating func value(_ schema: JSONValue, at pointer: String) throws(GrammarError) -> Expression {
        switch schema {
        case .bool(true): return json.value()
        case .bool(false): return .nothing
        case .object(let object):
            if let number = known[schema] { return .rule(number) }
            guard depth < GrammarLimits.nesting else {
                throw GrammarError(.limit, "schemas are nested deeper than \(GrammarLimits.nesting)", at: pointer)
            }
            guard json.rules.count < GrammarLimits.states / 8 else {
                throw GrammarError(.limit, "the schema is too large", at: pointer)
            }
            depth += 1
            defer { depth -= 1 }
            let number = json.reserve(pointer)
            known[schema] = number
            let body = try union(object, at: pointer)
            json.rules[number].body = body
            return .rule(number)
        default: throw Self.wrong(pointer, "a schema")
        }
    }

    /// A schema as one of its alternatives; those that say nothing themselves stay rules of their own.
    private mutating func union(_ schema: JSONObject, at pointer: String) throws(GrammarError) -> Expression {
        let own = try PlainSchema(schema, at: pointer)
        let isOnlyCombined = own.kinds == nil && own.values == nil && own.spokenOf.isEmpty && !own.isNullable
        let combined = ["$ref", "allOf", "anyOf", "oneOf"].filter { schema[$0] != nil }
        if isOnlyCombined, combined == ["$ref"] {
            let (target, place) = try reference(schema, at: pointer)
            return try value(target, at: place)
        }
        if isOnlyCombined, combined == ["anyOf"] || combined == ["oneOf"] {
            let parts = try list(schema, combined[0], at: pointer)
            if combined == ["oneOf"] {
                var plain: [[PlainSchema]] = []
                for part in parts { plain.append(try alternatives(part.schema, at: part.pointer)) }
                try checkApart(plain, at: pointer + "/oneOf")
            }
            var expressions: [Expression] = []
            for part in parts { expressions.append(try value(part.schema, at: part.pointer)) }
            return .any(expressions)
        }
        var expressions: [Expression] = []
        for alternative in try alternatives(.object(schema), at: pointer) {
            expressions.append(try expression(alternative))
        }
        return .any(expressions)
    }

    /// A schema without references and combinations, as alternatives.
    func alternatives(
        _ schema: JSONValue, at pointer: String, references: [String] = []
    ) throws(GrammarError) -> [PlainSchema] {
        if schema == .bool(false) { return [] }
        if schema == .bool(true) { return [PlainSchema(pointer: pointer)] }
        guard let object = schema.object else { throw Self.wrong(pointer, "a schema") }
        var result = [try PlainSchema(object, at: pointer)]
        if object["$ref"] != nil {
            let (target, place) = try reference(object, at: pointer)
            guard !references.contains(place), references.count < GrammarLimits.nesting else {
                throw GrammarError(.schema, "the reference leads back to itself", at: pointer + "/$ref")
            }
            result = try product(result, try alternatives(target, at: place, references: references + [place]))
        }
        if object["allOf"] != nil {
            for part in try list(object, "allOf", at: pointer) {
                result = try product(
                    result, try alternatives(part.schema, at: part.pointer, references: references))
            }
        }
        for key in ["anyOf", "oneOf"] where object[key] != nil {
            var options: [[PlainSchema]] = []
            for part in try list(object, key, at: pointer) {
                options.append(try alternatives(part.schema, at: part.pointer, references: references))
            }
            if key == "oneOf" { try checkApart(options, at: pointer + "/oneOf") }
            result = try product(result, options.flatMap { $0 })
        }
        return result
    }

    private func product(_ one: [PlainSchema], _ other: [PlainSchema]) throws(GrammarError) -> [PlainSchema] {
        guard one.count * other.count <= 10_000 else {
            throw GrammarError(.limit, "more than 10,000 alternatives", at: one.first?.pointer)
        }
        var result: [PlainSchema] = []
        for first in one {
            for second in other {
                if let merged = try first.merged(with: second) { result.append(merged) }
            }
        }
        return result
    }

    private func list(
        _ schema: JSONObject, _ key: String, at pointer: String
    ) throws(GrammarError) -> [(schema: JSONValue, pointer: String)] {
        guard let array = schema[key]?.array, !array.isEmpty else {
            throw Self.wrong(pointer + "/" + key, "an array of schemas")
        }
        return array.enumerated().map { ($1, "\(pointer)/\(key)/\($0)") }
    }

    private func reference(
        _ schema: JSONObject, at pointer: String
    ) throws(GrammarError) -> (target: JSONValue, pointer: String) {
        guard let path = schema["$ref"]?.string else { throw Self.wrong(pointer + "/$ref", "a string") }
        guard path.utf8.first == UInt8(ascii: "#") else {
            throw GrammarError(
                .unsupported, "references to other documents are not supported", at: pointer + "/$ref",
                advice: "Put what is referred to under $defs.")
        }
        guard let target = JSONPointer.find(path, in: document) else {
            throw GrammarError(.schema, "the reference leads nowhere", at: pointer + "/$ref")
        }
        return (target, path)
    }

    /// The grammar of a schema without references and combinations.
    private mutating func expression(_ schema: PlainSchema) throws(GrammarError) -> Expression {
        if let values = schema.values { return try literals(values, schema) }
        let kinds = schema.effectiveKinds
        if kinds == .all, schema.spokenOf.isEmpty { return json.value() }
        var parts: [Expression] = []
        if kinds.contains(.object) { parts.append(try object(schema)) }
        if kinds.contains(.array) { parts.append(try array(schema)) }
        if kinds.contains(.string) { parts.append(try string(schema)) }
        if kinds.contains(.fraction) {
            parts.append(try number(schema))
        } else if kinds.contains(.integer) {
            parts.append(try integer(schema))
        }
        if kinds.contains(.boolean) { parts.append(json.boolean()) }
        if kinds.contains(.null) { parts.append(.text("null")) }
        return .any(parts)
    }

    /// `enum` and `const`, less what the other keywords forbid.
    private mutating func literals(_ values: [JSONValue], _ schema: PlainSchema) throws(GrammarError) -> Expression {
        var rest = schema
        rest.values = nil
        var texts = values
        if schema.isNullable { texts.append(.null) }
        if rest.kinds != nil { texts = texts.filter { !rest.effectiveKinds.isDisjoint(with: $0.kinds) } }
        if !rest.spokenOf.isEmpty {
            // What the other keywords allow is a grammar too: it says which values stay.
            if rest.kinds == nil { rest.kinds = .all }
            let root = try expression(rest)
            let grammar = try Grammar(checking: json.rules, root: root) { _ in schema.pointer }
            texts = texts.filter { grammar.matches($0.text().utf8) }
        }
        return .any(texts.map { .text($0.text()) })
    }

    static func wrong(_ pointer: String, _ expected: String) -> GrammarError {
        GrammarError(.schema, "\(expected) is expected", at: pointer)
    }

    static func unsupported(_ pointer: String, _ what: String? = nil) -> GrammarError {
        let keyword = what ?? pointer.split(separator: "/").last.map(String.init) ?? "this"
        return GrammarError(.unsupported, "\(keyword) is not supported", at: pointer)
    }
}

extension JSONValue {
    var kinds: PlainSchema.Kinds {
        switch self {
        case .null: .null
        case .bool: .boolean
        case .integer: .integer
        case .number(let value): value == value.rounded() ? .integer : .fraction
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }
}

extension Grammar {
    /// The JSON texts that are valid for a schema, laid out as `spacing` allows.
    ///
    /// Throws, with the JSON pointer, for what is no schema, what no value satisfies, and what is not supported: `not`,
    /// `if`, `contains`, `dependent…`, references to other documents, `oneOf` whose alternatives cannot be told apart.
    public init(jsonSchema: JSONValue, spacing: JSONSpacing = .flexible) throws(GrammarError) {
        self = try SchemaCompiler.compile(jsonSchema, spacing)
    }
}
