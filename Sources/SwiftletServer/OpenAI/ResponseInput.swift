import SwiftletGround
import SwiftletModels

/// The `input` of a response: a text, or items of which some belong to one turn of the model.
enum ResponseInput {
    static func messages(_ fields: Fields) throws -> [ChatMessage] {
        var messages: [ChatMessage] = []
        if let instructions = try fields.string("instructions") {
            messages.append(ChatMessage(role: "system", content: instructions))
        }
        let input = try fields.required("input", fields.value("input"))
        if let text = input.string {
            messages.append(ChatMessage(role: "user", content: text))
        } else {
            for item in try fields.list("input") ?? [] { try add(item, to: &messages) }
        }
        guard messages.contains(where: { $0.role != "system" }) || input.array?.isEmpty == false else {
            throw fields.problem("input", "there must be at least one item")
        }
        return messages
    }

    private static func add(_ item: Fields, to messages: inout [ChatMessage]) throws {
        switch try item.string("type") ?? "message" {
        case "message":
            let role = try item.required(
                "role", item.string("role", among: ["user", "assistant", "system", "developer"]))
            let text = try item.required("content", OpenAIContent.text(item, "content"))
            if role == "assistant" {
                extend(&messages) { $0.content += $0.content.isEmpty ? text : "\n" + text }
            } else {
                messages.append(ChatMessage(role: role == "developer" ? "system" : role, content: text))
            }
        case "reasoning":
            let parts = try OpenAIContent.text(item, "content") ?? OpenAIContent.text(item, "summary") ?? ""
            extend(&messages) { $0.reasoning = parts }
        case "function_call":
            let call = ToolCall(
                id: try item.required("call_id", item.string("call_id")),
                name: try item.required("name", item.string("name")), arguments: try OpenAIMessages.arguments(item))
            extend(&messages) { $0.toolCalls.append(call) }
        case "function_call_output":
            let id = try item.required("call_id", item.string("call_id"))
            let calls = messages.lazy.flatMap(\.toolCalls)
            let name = calls.last { $0.id.utf8.elementsEqual(id.utf8) }?.name
            let text = try item.required("output", OpenAIContent.text(item, "output"))
            messages.append(ChatMessage(role: "tool", content: text, toolName: name, toolCallID: id))
        // References to what a server with state would know, and calls of tools that it would run itself.
        case let type: throw item.problem("type", "items of type '\(type)' are not offered")
        }
    }

    /// Changes the model's turn at the end, or begins one.
    private static func extend(_ messages: inout [ChatMessage], _ change: (inout ChatMessage) -> Void) {
        if messages.last?.role != "assistant" { messages.append(ChatMessage(role: "assistant", content: "")) }
        change(&messages[messages.count - 1])
    }
}
