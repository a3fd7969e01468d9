import Foundation
import SwiftletGround
import SwiftletModels

/// The turns of a chat: messages of the user and of the model in turn, after the instructions.
struct Conversation: Equatable {
    var system: String?
    private(set) var turns: [ChatMessage] = []

    /// What the model sees.
    var messages: [ChatMessage] {
        (system.map { [ChatMessage(role: "system", content: $0)] } ?? []) + turns
    }

    /// The last message is the user's.
    var awaitsAnswer: Bool { turns.last?.role == "user" }

    mutating func add(_ role: String, _ text: String) { turns.append(ChatMessage(role: role, content: text)) }
    mutating func clear() { turns = [] }

    /// Takes back the last answer, so that the message before it can be answered again; false if there is no message.
    mutating func takeBackAnswer() -> Bool {
        if turns.last?.role == "assistant" { turns.removeLast() }
        return awaitsAnswer
    }

    /// Takes back the last message and its answer; returns the message.
    mutating func takeBackTurn() -> String? {
        guard takeBackAnswer() else { return nil }
        return turns.removeLast().content
    }
}

extension Conversation {
    /// What `/save` writes.
    var json: JSONValue { ["messages": .array(messages.map(\.json))] }

    /// Reads what `json` gives, or a bare array of messages; throws what is wrong with it.
    init(_ json: JSONValue) throws(CommandError) {
        guard let list = json["messages"]?.array ?? json.array else {
            throw CommandError(.input, "holds no conversation: there is no array \"messages\"")
        }
        for (index, message) in list.enumerated() {
            guard let role = message["role"]?.string, let content = message["content"]?.string else {
                throw CommandError(.input, "a message needs a role and a content, both texts", at: "message \(index)")
            }
            if role == "system", index == 0 { system = content } else { add(role, content) }
        }
    }
}
