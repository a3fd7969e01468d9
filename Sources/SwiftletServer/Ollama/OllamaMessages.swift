import SwiftletGround
import SwiftletModels

/// Messages as Ollama's clients write them.
enum OllamaMessages {
    static func read(_ fields: Fields) throws -> [ChatMessage] {
        try fields.list("messages")?.map(message) ?? []
    }

    private static func message(_ fields: Fields) throws -> ChatMessage {
        try refuseImages(fields)
        return ChatMessage(
            role: try fields.required("role", fields.string("role")), content: try fields.string("content") ?? "",
            reasoning: try fields.string("thinking").flatMap { $0.isEmpty ? nil : $0 },
            toolCalls: try fields.list("tool_calls")?.enumerated().map { try call($1, number: $0) } ?? [],
            toolName: try fields.string("tool_name") ?? fields.string("name"),
            toolCallID: try fields.string("tool_call_id"))
    }

    private static func call(_ fields: Fields, number: Int) throws -> ToolCall {
        let function = try fields.required("function", fields.fields("function"))
        let arguments = function.value("arguments") ?? .object(JSONObject())
        guard arguments.object != nil else {
            throw RequestProblem(
                .type(expected: .object, found: JSONKind(arguments)), at: function.path.key("arguments"))
        }
        return ToolCall(
            id: try fields.string("id") ?? "call\(number)",
            name: try function.required("name", function.string("name")), arguments: arguments)
    }

    /// An image is an error and not passed over: an answer that never saw it would be a guess.
    static func refuseImages(_ fields: Fields) throws {
        guard let images = try fields.array("images"), !images.isEmpty else { return }
        throw fields.problem("images", "no model of this server reads images")
    }
}
