package import SwiftletEngine
package import SwiftletGround
import SwiftletModels

/// The body of `POST /v1/responses`, without state: what came before is in the request.
package struct OpenAIResponseRequest: Sendable {
    package var model: String?
    package var delivery: StreamFields
    package var chat: ChatRequest
    /// What the response repeats of the request.
    package let echo: JSONObject

    package init(_ body: JSONValue, defaults: RequestDefaults) throws {
        let fields = try Fields(body)
        model = try fields.string("model")
        delivery = try StreamFields(fields)
        try Self.refuseState(fields)
        let tools = try OpenAITools(fields, nested: false)
        var settings = try GenerationFields.settings(fields, defaults)
        if let most = try fields.integer("max_output_tokens", in: 1...Int(Int32.max)) {
            settings.generation.maxTokens = most
        }
        if let format = try Self.format(fields) { settings.format = format }
        let top = try fields.integer("top_logprobs", in: 0...20)
        if let included = try fields.strings("include"), included.contains("message.output_text.logprobs") {
            settings.generation.topLogProbabilities = top ?? 0
        }
        chat = ChatRequest(
            messages: defaults.conversation(try ResponseInput.messages(fields)), tools: tools.definitions,
            toolChoice: tools.choice,
            allowsParallelCalls: try fields.bool("parallel_tool_calls") ?? true, settings: settings)
        if let effort = try fields.fields("reasoning")?.string("effort") { chat.readEffort(effort) }
        echo = Self.echo(fields)
    }

    private static func refuseState(_ fields: Fields) throws {
        for key in ["previous_response_id", "conversation"] where fields.has(key) {
            throw fields.problem(key, "this server keeps no responses; send the whole conversation as 'input'")
        }
        if try fields.bool("background") == true {
            throw fields.problem("background", "this server keeps no responses, so that none can run in the background")
        }
    }

    /// `text.format`: as `response_format`, but without the object around a schema.
    private static func format(_ fields: Fields) throws -> AnswerFormat? {
        guard let format = try fields.fields("text")?.fields("format") else { return nil }
        switch try format.required("type", format.string("type", among: ["text", "json_object", "json_schema"])) {
        case "json_object": return .json
        case "json_schema":
            try FormatFields.checkLabels(format)
            return .schema(.object(try format.required("schema", format.fields("schema")).object))
        default: return .text
        }
    }

    private static func echo(_ fields: Fields) -> JSONObject {
        let defaults: [(String, JSONValue)] = [
            ("instructions", nil), ("max_output_tokens", nil), ("metadata", .object(JSONObject())),
            ("parallel_tool_calls", true), ("reasoning", ["effort": nil, "summary": nil]), ("temperature", nil),
            ("text", ["format": ["type": "text"]]), ("tool_choice", "auto"), ("tools", []), ("top_p", nil),
            ("user", nil),
        ]
        return JSONObject(defaults.map { ($0.0, fields.value($0.0) ?? $0.1) })
    }
}
