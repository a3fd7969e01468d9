public import SwiftletGround

/// One turn of a conversation.
public struct ChatMessage: Sendable, Hashable {
    /// `system`, `user`, `assistant` or `tool`, or what else a model's template knows.
    public var role: String
    public var content: String
    /// What the model thought before it answered; templates decide whether it is shown again.
    public var reasoning: String?
    /// Tools that an assistant's turn calls.
    public var toolCalls: [ToolCall]
    /// In a tool's turn: which tool answers, and which call.
    public var toolName: String?
    public var toolCallID: String?

    public init(
        role: String, content: String, reasoning: String? = nil, toolCalls: [ToolCall] = [], toolName: String? = nil,
        toolCallID: String? = nil
    ) {
        (self.role, self.content, self.reasoning, self.toolCalls) = (role, content, reasoning, toolCalls)
        (self.toolName, self.toolCallID) = (toolName, toolCallID)
    }

    /// The message as a chat template sees it: only what it has, under the names that Hugging Face's templates read.
    public var json: JSONValue {
        var members = JSONObject([("role", .string(role)), ("content", .string(content))])
        if let reasoning { members["reasoning_content"] = .string(reasoning) }
        if !toolCalls.isEmpty { members["tool_calls"] = .array(toolCalls.map(\.json)) }
        if let toolName { members["name"] = .string(toolName) }
        if let toolCallID { members["tool_call_id"] = .string(toolCallID) }
        return .object(members)
    }
}

/// A model's wish to have a tool run.
public struct ToolCall: Sendable, Hashable {
    /// What the tool's answer refers to; made by the server, not by the model.
    public var id: String
    public var name: String
    /// Usually an object by the tool's schema.
    public var arguments: JSONValue

    public init(id: String, name: String, arguments: JSONValue) {
        (self.id, self.name, self.arguments) = (id, name, arguments)
    }

    /// The call as chat templates read it, its arguments as a value and not as text.
    public var json: JSONValue {
        ["id": .string(id), "type": "function", "function": ["name": .string(name), "arguments": arguments]]
    }
}

/// A function that a model may ask for.
public struct ToolDefinition: Sendable, Hashable {
    public var name: String
    public var description: String?
    /// JSON Schema of its arguments; null for a function without any.
    public var parameters: JSONValue

    public init(name: String, description: String? = nil, parameters: JSONValue = .null) {
        (self.name, self.description, self.parameters) = (name, description, parameters)
    }

    /// The tool as chat templates read it, in OpenAI's form.
    public var json: JSONValue {
        var function = JSONObject([("name", .string(name))])
        if let description { function["description"] = .string(description) }
        if !parameters.isNull { function["parameters"] = parameters }
        return ["type": "function", "function": .object(function)]
    }
}
