public import SwiftletModels

/// What an answer's stream carries. The text of reasoning, content and arguments, put together, is the answer.
public enum ChatEvent: Sendable {
    /// Progress through the prompt, in tokens.
    case prompt(done: Int, total: Int)
    /// A token, before what its text adds to the parts below (perhaps nothing yet).
    case token(GeneratedToken)
    case reasoning(String)
    case content(String)
    /// A tool call begins; `index` counts the answer's calls from 0.
    case toolCallStart(index: Int, id: String, name: String)
    /// JSON text; a call's pieces together are one value.
    case toolCallArguments(index: Int, String)
    case toolCallEnd(index: Int)
    /// The last event.
    case finished(ChatResult)
}

/// Why an answer ended.
public enum AnswerEnd: String, Sendable {
    /// The model ended it, or a stop text came.
    case stop
    /// As many tokens as asked for.
    case length
    /// The model waits for tools.
    case toolCalls
}

/// A whole answer.
public struct ChatResult: Sendable {
    public let message: ChatMessage
    public let end: AnswerEnd
    public let generation: GenerationResult

    package init(message: ChatMessage, end: AnswerEnd, generation: GenerationResult) {
        (self.message, self.end, self.generation) = (message, end, generation)
    }
}
