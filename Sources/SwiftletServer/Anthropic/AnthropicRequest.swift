package import SwiftletEngine
package import SwiftletGround
import SwiftletModels

/// The body of `POST /v1/messages`, and of `/v1/messages/count_tokens`.
package struct AnthropicRequest: Sendable {
    package var model: String
    package var streams: Bool
    package var chat: ChatRequest

    /// `counts`: only tokens are to be counted, so that no limit is needed.
    package init(_ body: JSONValue, defaults: RequestDefaults, counts: Bool = false) throws {
        let fields = try Fields(body)
        model = try fields.required("model", fields.string("model"))
        streams = try fields.bool("stream") ?? false
        var settings = defaults.settings
        let most = try fields.integer("max_tokens", in: 1...Int(Int32.max))
        if !counts { settings.generation.maxTokens = try fields.required("max_tokens", most) }
        try SamplingFields.apply(
            fields, to: &settings.generation.sampling, limits: .anthropic, vocabulary: defaults.vocabulary)
        if let stop = try fields.stops("stop_sequences") { settings.generation.stop = stop }
        chat = ChatRequest(messages: defaults.conversation(try AnthropicMessages.read(fields)), settings: settings)
        try readTools(fields)
        try readThinking(fields)
        try readFormat(fields)
        // The API's rule: an assistant's turn at the end is the beginning of the answer.
        if let last = chat.messages.last, last.role == "assistant", last.toolCalls.isEmpty {
            chat.continuesLastMessage = true
        }
    }

    private mutating func readTools(_ fields: Fields) throws {
        for tool in try fields.list("tools") ?? [] {
            // Tools that Anthropic runs itself, or knows by their type, have no schema.
            guard try tool.string("type") ?? "custom" == "custom" else { continue }
            chat.tools.append(
                ToolDefinition(
                    name: try tool.required("name", tool.string("name")), description: try tool.string("description"),
                    parameters: .object(try tool.required("input_schema", tool.fields("input_schema")).object)))
        }
        guard let choice = try fields.fields("tool_choice") else { return }
        chat.allowsParallelCalls = try choice.bool("disable_parallel_tool_use") != true
        let named = try choice.string("name")
        switch try choice.required("type", choice.string("type", among: ["auto", "any", "tool", "none"])) {
        case "any": chat.toolChoice = .required
        case "none": chat.toolChoice = .none
        case "tool":
            let name = try choice.required("name", named)
            guard chat.tools.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw choice.problem("name", "there is no tool of this name in 'tools'")
            }
            chat.toolChoice = .named(name)
        default: break
        }
        if chat.toolChoice == .required, chat.tools.isEmpty {
            throw fields.problem("tool_choice", "there are no tools to choose from")
        }
    }

    /// Nobody thinks who was not asked to: this is the API's default.
    private mutating func readThinking(_ fields: Fields) throws {
        let thinking = try fields.fields("thinking")
        let kinds = ["enabled", "disabled", "adaptive"]
        let type = try thinking?.required("type", thinking?.string("type", among: kinds))
        chat.thinking = type == "enabled" || type == "adaptive"
    }

    private mutating func readFormat(_ fields: Fields) throws {
        let config = try fields.fields("output_config")
        guard let format = try config?.fields("format") ?? fields.fields("output_format") else { return }
        _ = try format.required("type", format.string("type", among: ["json_schema"]))
        chat.settings.format = .schema(.object(try format.required("schema", format.fields("schema")).object))
    }
}
