package import SwiftletEngine
package import SwiftletModels

/// What a server knows before it reads a request: the model's own settings, its vocabulary, and whose request it is.
package struct RequestDefaults: Sendable {
    package var generation: GenerationParameters
    /// Instructions for conversations without any.
    package var system: String?
    /// Turns before every conversation.
    package var firstTurns: [ChatMessage]
    package var vocabulary: RequestVocabulary
    package var client: String
    package var priority: Int
    /// When the answer must have begun.
    package var deadline: ContinuousClock.Instant?

    package init(
        generation: GenerationParameters = GenerationParameters(), system: String? = nil,
        firstTurns: [ChatMessage] = [], vocabulary: RequestVocabulary = .numbers, client: String = "",
        priority: Int = 0, deadline: ContinuousClock.Instant? = nil
    ) {
        (self.generation, self.system, self.firstTurns) = (generation, system, firstTurns)
        (self.vocabulary, self.client) = (vocabulary, client)
        (self.priority, self.deadline) = (priority, deadline)
    }

    package var settings: RequestSettings {
        RequestSettings(generation: generation, client: client, priority: priority, deadline: deadline)
    }

    /// A conversation with what the model's maker put before it.
    package func conversation(_ messages: [ChatMessage]) -> [ChatMessage] {
        guard let first = messages.first else { return messages }
        let isInstructed = first.role == "system"
        var all = isInstructed ? [first] : system.map { [ChatMessage(role: "system", content: $0)] } ?? []
        all += firstTurns
        return all + messages.dropFirst(isInstructed ? 1 : 0)
    }
}
