public import SwiftletGround
public import SwiftletModels
public import SwiftletTokenizers

/// Which tools an answer may or must call.
public enum ToolChoice: Sendable, Hashable {
    /// As the model likes.
    case auto
    /// None: the tools are not even shown to the model.
    case none
    /// At least one.
    case required
    /// This one.
    case named(String)
}

/// What form an answer must have; it is enforced token by token.
public enum AnswerFormat: Sendable, Hashable {
    case text
    /// Any JSON object.
    case json
    /// JSON by a schema.
    case schema(JSONValue)
    /// GBNF, as llama.cpp reads it.
    case grammar(String)
    /// A regular expression for the whole answer.
    case expression(String)
    /// One of some texts.
    case choice([String])
}

/// What all requests share: how tokens are chosen, and how the request stands among others.
public struct RequestSettings: Sendable {
    public var generation: GenerationParameters
    public var format: AnswerFormat
    /// Whose request it is; clients share an engine fairly.
    public var client: String
    /// Higher goes first.
    public var priority: Int
    /// The answer must have begun by then.
    public var deadline: ContinuousClock.Instant?
    /// Whether keys and values that earlier requests left may be used.
    public var usesPrefixCache: Bool
    /// Tokens that prompt and answer may have together; nil for what the model was opened with.
    public var contextLength: Int?

    public init(
        generation: GenerationParameters = GenerationParameters(), format: AnswerFormat = .text, client: String = "",
        priority: Int = 0, deadline: ContinuousClock.Instant? = nil, usesPrefixCache: Bool = true,
        contextLength: Int? = nil
    ) {
        (self.generation, self.format, self.client) = (generation, format, client)
        (self.priority, self.deadline, self.usesPrefixCache) = (priority, deadline, usesPrefixCache)
        self.contextLength = contextLength
    }
}

/// A conversation that a model is to continue.
public struct ChatRequest: Sendable {
    public var messages: [ChatMessage]
    public var tools: [ToolDefinition]
    public var toolChoice: ToolChoice
    /// More than one call in an answer.
    public var allowsParallelCalls: Bool
    /// Whether a model that can think does; nil leaves it to the template.
    public var thinking: Bool?
    /// Reasoning and tool calls are parsed out of the answer; without, all of it is content.
    public var parsesAnswer: Bool
    /// The last message is the beginning of the answer (an assistant's), not a turn of its own.
    public var continuesLastMessage: Bool
    /// Added to the template's variables.
    public var variables: JSONObject
    public var settings: RequestSettings

    public init(
        messages: [ChatMessage], tools: [ToolDefinition] = [], toolChoice: ToolChoice = .auto,
        allowsParallelCalls: Bool = true, thinking: Bool? = nil, parsesAnswer: Bool = true,
        continuesLastMessage: Bool = false, variables: JSONObject = JSONObject(),
        settings: RequestSettings = RequestSettings()
    ) {
        (self.messages, self.tools, self.toolChoice) = (messages, tools, toolChoice)
        (self.allowsParallelCalls, self.thinking, self.parsesAnswer) = (allowsParallelCalls, thinking, parsesAnswer)
        (self.continuesLastMessage, self.variables, self.settings) = (continuesLastMessage, variables, settings)
    }
}

/// A text that a model is to continue as it is.
public struct CompletionRequest: Sendable {
    public enum Prompt: Sendable, Hashable {
        /// `parsesSpecial`: control tokens that are spelled out in the text count as such.
        case text(String, parsesSpecial: Bool)
        case tokens([TokenID])
        /// What stands before and after the answer, for models trained to fill in.
        case infill(prefix: String, suffix: String)
    }

    public var prompt: Prompt
    /// The model's reasoning and tool calls are parsed out of the answer; normally all of it is content.
    public var parsesAnswer: Bool
    public var settings: RequestSettings

    public init(prompt: Prompt, parsesAnswer: Bool = false, settings: RequestSettings = RequestSettings()) {
        (self.prompt, self.parsesAnswer, self.settings) = (prompt, parsesAnswer, settings)
    }
}
