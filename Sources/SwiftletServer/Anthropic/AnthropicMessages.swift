import SwiftletGround
import SwiftletModels

/// Anthropic's `system` and `messages` as turns of a conversation.
enum AnthropicMessages {
    static func read(_ fields: Fields) throws -> [ChatMessage] {
        var messages: [ChatMessage] = []
        if let system = try text(fields, "system"), !system.isEmpty {
            messages.append(ChatMessage(role: "system", content: system))
        }
        let list = try fields.required("messages", fields.list("messages"))
        guard !list.isEmpty else { throw fields.problem("messages", "at least one message is required") }
        var names: [String: String] = [:]
        for item in list {
            switch try item.required("role", item.string("role", among: ["user", "assistant", "system"])) {
            case "assistant":
                let message = try assistant(item)
                for call in message.toolCalls { names[call.id] = call.name }
                messages.append(message)
            case "system":
                let content = try item.required("content", text(item, "content"))
                messages.append(ChatMessage(role: "system", content: content))
            default: messages += try user(item, names)
            }
        }
        return messages
    }

    /// A text, or blocks of text in a row.
    private static func text(_ fields: Fields, _ key: String) throws -> String? {
        guard let value = fields.value(key) else { return nil }
        if let text = value.string { return text }
        return try fields.list(key)?.map(textOf).joined(separator: "\n")
    }

    private static func textOf(_ block: Fields) throws -> String {
        let type = try block.required("type", block.string("type"))
        guard type == "text" else { throw unreadable(block, type) }
        return try block.required("text", block.string("text"))
    }

    private static func unreadable(_ block: Fields, _ type: String) -> RequestProblem {
        block.problem("type", "blocks of type '\(type)' cannot be given to this model, which reads text only")
    }

    private static func assistant(_ fields: Fields) throws -> ChatMessage {
        var message = ChatMessage(role: "assistant", content: "")
        let content = try fields.required("content", fields.value("content"))
        if let text = content.string {
            message.content = text
            return message
        }
        for block in try fields.list("content") ?? [] {
            switch try block.required("type", block.string("type")) {
            case "text": message.content += try textOf(block)
            case "thinking":
                message.reasoning = (message.reasoning ?? "") + (try block.string("thinking") ?? "")
            case "redacted_thinking": break
            case "tool_use":
                message.toolCalls.append(
                    ToolCall(
                        id: bare(try block.required("id", block.string("id"))),
                        name: try block.required("name", block.string("name")),
                        arguments: .object(try block.fields("input")?.object ?? JSONObject())))
            case let type: throw unreadable(block, type)
            }
        }
        return message
    }

    /// A call's identifier as it was before Anthropic's prefix; some templates insist on its length.
    private static func bare(_ id: String) -> String {
        id.utf8.starts(with: prefix.utf8) ? String(id.dropFirst(prefix.count)) : id
    }

    /// What stands before the identifier of each call.
    static let prefix = "toolu_"

    /// A user's turn: the tools' answers in it are turns of their own, and come first.
    private static func user(_ fields: Fields, _ names: [String: String]) throws -> [ChatMessage] {
        let content = try fields.required("content", fields.value("content"))
        if let text = content.string { return [ChatMessage(role: "user", content: text)] }
        var (answers, texts): ([ChatMessage], [String]) = ([], [])
        for block in try fields.list("content") ?? [] {
            switch try block.required("type", block.string("type")) {
            case "tool_result":
                let id = bare(try block.required("tool_use_id", block.string("tool_use_id")))
                let text = try text(block, "content") ?? ""
                answers.append(ChatMessage(role: "tool", content: text, toolName: names[id], toolCallID: id))
            default: texts.append(try textOf(block))
            }
        }
        if !texts.isEmpty || answers.isEmpty {
            answers.append(ChatMessage(role: "user", content: texts.joined(separator: "\n")))
        }
        return answers
    }
}
