package import SwiftletEngine
import SwiftletGround

/// What form an answer must have: OpenAI's `response_format`, llama.cpp's `grammar` and `json_schema`, vLLM's `guided_*` and
/// `structured_outputs`.
package enum FormatFields {
    package static func read(_ fields: Fields) throws -> AnswerFormat {
        var formats: [AnswerFormat] = []
        if let format = try responseFormat(fields) { formats.append(format) }
        if let schema = fields.value("json_schema") {
            formats.append(try .schema(checked(schema, fields, "json_schema")))
        }
        if let grammar = try fields.string("grammar"), !grammar.isEmpty { formats.append(.grammar(grammar)) }
        if let guided = try guided(fields, prefix: "guided_") { formats.append(guided) }
        if let nested = try fields.fields("structured_outputs"), let guided = try guided(nested, prefix: "") {
            formats.append(guided)
        }
        // `response_format: text` says nothing.
        formats.removeAll { $0 == .text }
        guard formats.count <= 1 else {
            throw RequestProblem(
                .other("only one of response_format, json_schema, grammar and guided_* can be used"), at: fields.path)
        }
        return formats.first ?? .text
    }

    private static func responseFormat(_ fields: Fields) throws -> AnswerFormat? {
        guard let format = try fields.fields("response_format") else { return nil }
        let kinds = ["text", "json_object", "json_schema"]
        switch try format.required("type", format.string("type", among: kinds)) {
        case "json_object":
            // llama.cpp takes a schema here too.
            guard let schema = format.value("schema") else { return .json }
            return try .schema(checked(schema, format, "schema"))
        case "json_schema":
            let wrapper = try format.required("json_schema", format.fields("json_schema"))
            try checkLabels(wrapper)
            return try .schema(checked(wrapper.required("schema", wrapper.value("schema")), wrapper, "schema"))
        default: return .text
        }
    }

    /// What OpenAI's clients say of a schema beside it, and what changes nothing: answers always keep to their schemas.
    static func checkLabels(_ fields: Fields) throws {
        _ = try (fields.string("name"), fields.string("description"), fields.bool("strict"))
    }

    private static func guided(_ fields: Fields, prefix: String) throws -> AnswerFormat? {
        if let value = fields.value(prefix + "json") {
            // vLLM takes the schema as text too.
            guard let text = value.string else { return try .schema(checked(value, fields, prefix + "json")) }
            guard let schema = try? JSONValue(parsing: text) else {
                throw fields.problem(prefix + "json", "this is not JSON")
            }
            return .schema(schema)
        }
        if let expression = try fields.string(prefix + "regex") { return .expression(expression) }
        if let choices = try fields.strings(prefix + "choice") {
            guard !choices.isEmpty else { throw fields.problem(prefix + "choice", "there is nothing to choose from") }
            return .choice(choices)
        }
        if let grammar = try fields.string(prefix + "grammar") { return .grammar(grammar) }
        if try fields.bool(prefix + "json_object") == true { return .json }
        return nil
    }

    private static func checked(_ value: JSONValue, _ fields: Fields, _ key: String) throws -> JSONValue {
        switch value {
        // An empty schema means any object here (llama.cpp, server-schema.cpp).
        case .object(let object): return object.isEmpty ? ["type": "object"] : value
        case .bool: return value
        default: throw RequestProblem(.type(expected: .object, found: JSONKind(value)), at: fields.path.key(key))
        }
    }
}
