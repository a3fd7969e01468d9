package import SwiftletEngine

/// Counts an answer's tokens as they come: how many there are, and how many of them were thought and not said.
package struct AnswerTally: Sendable, Hashable {
    package private(set) var tokens = 0
    package private(set) var reasoning = 0
    /// Tokens whose text has not come yet.
    private var pending = 0

    package init() {}

    package mutating func take(_ event: ChatEvent) {
        switch event {
        case .token:
            tokens += 1
            pending += 1
        case .reasoning:
            reasoning += pending
            pending = 0
        case .content, .toolCallStart, .toolCallArguments, .toolCallEnd: pending = 0
        case .prompt, .finished: break
        }
    }
}
