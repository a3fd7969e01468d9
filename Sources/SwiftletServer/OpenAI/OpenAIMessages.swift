import SwiftletGround
package import SwiftletModels

/// OpenAI's `messages` as turns of a conversation.
package enum OpenAIMessages {
    static let roles = ["system", "developer", "user", "assistant", "tool", "function"]

    /// Reads the member `messages`, which must be there and not empty.
    package static func read(_ fields: Fields) throws -> [ChatMessage] {
        let list = try fields.required("messages", fields.list("messages"))
        guard !list.isEmpty else { throw fields.problem("messages", "there must be at least one message") }
        var messages: [ChatMessage] = []
        // Tools' answers name a call, templates want the tool.
        var names: [String: String] = [:]
        for item in list {
            let message = try message(item, names)
            for call in message.toolCalls { names[call.id] = call.name }
            messages.append(message)
        }
        return messages
    }

    private static func message(_ fields: Fields, _ names: [String: String]) throws -> ChatMessage {
        let role = try fields.required("role", fields.string("role", among: roles))
        var message = ChatMessage(role: role, content: try OpenAIContent.text(fields, "content") ?? "")
        switch role {
        // What OpenAI calls the system message since its reasoning models.
        case "developer": message.role = "system"
        case "assistant":
            message.reasoning = try fields.string("reasoning_content") ?? fields.string("reasoning")
            message.toolCalls = try fields.list("tool_calls")?.map(toolCall) ?? []
            if !fields.has("content"), let refusal = try fields.string("refusal") { message.content = refusal }
            guard
                fields.has("content") || fields.has("refusal") || !message.toolCalls.isEmpty || message.reasoning != nil
            else { throw RequestProblem(.missing, at: fields.path.key("content")) }
        case "tool":
            let id = try fields.required("tool_call_id", fields.string("tool_call_id"))
            message.toolCallID = id
            message.toolName = try fields.string("name") ?? names[id]
        case "function":
            message.role = "tool"
            message.toolName = try fields.required("name", fields.string("name"))
        default: break
        }
        guard role == "assistant" || fields.has("content") else {
            throw RequestProblem(.missing, at: fields.path.key("content"))
        }
        return message
    }

    private static func toolCall(_ fields: Fields) throws -> ToolCall {
        _ = try fields.string("type", among: ["function"])
        let function = try fields.required("function", fields.fields("function"))
        return ToolCall(
            id: try fields.string("id") ?? "", name: try function.required("name", function.string("name")),
            arguments: try arguments(function))
    }

    /// Arguments come as JSON text, or as the object itself; models have been known to write other texts, which then go back as
    /// they are.
    static func arguments(_ fields: Fields) throws -> JSONValue {
        guard let value = fields.value("arguments") else { return .object(JSONObject()) }
        guard let text = value.string else { return .object(try fields.fields("arguments")?.object ?? JSONObject()) }
        return (try? JSONValue(parsing: text)) ?? (text.isEmpty ? .object(JSONObject()) : value)
    }
}
