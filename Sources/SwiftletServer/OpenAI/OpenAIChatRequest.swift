package import SwiftletEngine
package import SwiftletGround
import SwiftletModels

/// The body of `POST /v1/chat/completions`.
package struct OpenAIChatRequest: Sendable {
    package var model: String?
    package var delivery: StreamFields
    /// How many answers are wanted.
    package var choices: Int
    package var chat: ChatRequest

    package init(_ body: JSONValue, defaults: RequestDefaults) throws {
        let fields = try Fields(body)
        model = try fields.string("model")
        delivery = try StreamFields(fields)
        choices = try fields.integer("n", in: GenerationFields.choices) ?? 1
        let tools = try OpenAITools(fields, nested: true)
        var settings = try GenerationFields.settings(fields, defaults)
        settings.generation.topLogProbabilities = try Self.logProbabilities(fields)
        if !tools.definitions.isEmpty, tools.choice != .none, settings.format.isOwnGrammar {
            throw RequestProblem(.other("a grammar of one's own cannot be used with tools"), at: FieldPath())
        }
        chat = ChatRequest(
            messages: defaults.conversation(try OpenAIMessages.read(fields)), tools: tools.definitions,
            toolChoice: tools.choice,
            allowsParallelCalls: try fields.bool("parallel_tool_calls") ?? true, settings: settings)
        try readThinking(fields)
        try readContinuation(fields)
    }

    /// The request of one of the choices.
    package func request(choice: Int) -> ChatRequest {
        var request = chat
        request.settings = GenerationFields.settings(chat.settings, choice: choice)
        return request
    }

    private static func logProbabilities(_ fields: Fields) throws -> Int? {
        let top = try fields.integer("top_logprobs", in: 0...20)
        let llama = try fields.integer("n_probs", in: 0...100).flatMap { $0 > 0 ? $0 : nil }
        guard try fields.bool("logprobs") != true else { return top ?? 0 }
        guard top == nil else {
            throw fields.problem("top_logprobs", "'logprobs' must be true when 'top_logprobs' is specified")
        }
        return llama
    }

    /// OpenAI's `reasoning_effort`, the variables of templates, and llama.cpp's `reasoning_format`.
    private mutating func readThinking(_ fields: Fields) throws {
        if let variables = try fields.fields("chat_template_kwargs") {
            chat.variables = variables.object
            chat.thinking = try variables.bool("enable_thinking")
        }
        if let enabled = try fields.bool("enable_thinking") { chat.thinking = enabled }
        let nested = try fields.fields("reasoning")?.string("effort")
        if let effort = try fields.string("reasoning_effort") ?? nested { chat.readEffort(effort) }
        if try fields.string("reasoning_format") == "none", chat.tools.isEmpty { chat.parsesAnswer = false }
    }

    /// An assistant's message at the end is the beginning of the answer (llama-server's rule), unless asked otherwise.
    private mutating func readContinuation(_ fields: Fields) throws {
        let asks = try fields.bool("continue_final_message")
        let adds = try fields.bool("add_generation_prompt") ?? false
        guard let last = chat.messages.last, last.role == "assistant", last.toolCalls.isEmpty else {
            if asks == true {
                throw fields.problem("continue_final_message", "the last message is not an assistant's text")
            }
            return
        }
        if asks == true, adds {
            throw fields.problem(
                "continue_final_message", "it cannot be set together with 'add_generation_prompt'")
        }
        chat.continuesLastMessage = asks ?? !adds
    }
}

extension AnswerFormat {
    /// Whether the form is not JSON, so that no tool call could have it.
    var isOwnGrammar: Bool {
        switch self {
        case .grammar, .expression, .choice: true
        case .text, .json, .schema: false
        }
    }
}

extension ChatRequest {
    /// `none` turns thinking off; other efforts turn it on, and templates that know degrees see them.
    mutating func readEffort(_ effort: String) {
        thinking = effort != "none"
        if effort != "none" { variables["reasoning_effort"] = .string(effort) }
    }
}
