public import SwiftletTokenizers

/// Why a generation ended.
public enum FinishReason: String, Sendable {
    /// The model ended its answer, or a stop text came.
    case stop
    /// As many tokens as asked for.
    case length
}

/// What a generation did.
public struct GenerationResult: Sendable {
    public let reason: FinishReason
    /// The stop text that ended the answer, if one did.
    public let stopText: String?
    public let tokens: [TokenID]
    public let promptTokens: Int
    /// Prompt tokens whose keys and values were there already.
    public let cachedTokens: Int
    /// From the request to its first place in a step.
    public let queueDuration: Duration
    /// From there to the first token of the answer.
    public let promptDuration: Duration
    /// From the first token of the answer to its last.
    public let generationDuration: Duration
    /// From the request to the first token of the answer.
    public var timeToFirstToken: Duration { queueDuration + promptDuration }

    package init(
        reason: FinishReason, stopText: String? = nil, tokens: [TokenID], promptTokens: Int, cachedTokens: Int,
        queueDuration: Duration, promptDuration: Duration, generationDuration: Duration
    ) {
        (self.reason, self.stopText, self.tokens) = (reason, stopText, tokens)
        (self.promptTokens, self.cachedTokens) = (promptTokens, cachedTokens)
        (self.queueDuration, self.promptDuration) = (queueDuration, promptDuration)
        self.generationDuration = generationDuration
    }
}

/// A token of an answer.
public struct GeneratedToken: Sendable, Hashable {
    public let id: TokenID
    /// The text that can be shown by now; empty while a character or a possible stop text is incomplete, and for tokens that
    /// end the answer.
    public let text: String
    /// How likely the token was, if `GenerationParameters.topLogProbabilities` asked for it.
    public let choice: TokenChoice?

    public init(id: TokenID, text: String, choice: TokenChoice? = nil) {
        (self.id, self.text, self.choice) = (id, text, choice)
    }
}

/// What a token stream carries, in this order: progress through the prompt, tokens with their text, the result.
public enum GenerationEvent: Sendable {
    case prompt(done: Int, total: Int)
    case token(GeneratedToken)
    /// Text that was held back until the end.
    case text(String)
    case finished(GenerationResult)
}

/// A generation in progress; ending the iteration, or the task that iterates, cancels it.
public typealias TokenStream = AsyncThrowingStream<GenerationEvent, any Error>
