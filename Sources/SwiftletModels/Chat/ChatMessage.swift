public import SwiftletGround

/// One turn of a conversation.
public struct ChatMessage: Sendable, Hashable {
    /// `system`, `user`, `assistant` or `tool`, or what else a model's template knows.
    public var role: String
    public var content: String

    public init(role: String, content: String) {
        (self.role, self.content) = (role, content)
    }

    /// The message as a chat template sees it.
    public var json: JSONValue {
        .object(JSONObject([("role", .string(role)), ("content", .string(content))]))
    }
}
