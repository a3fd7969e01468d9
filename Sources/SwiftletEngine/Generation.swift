public import SwiftletTokenizers

/// What to generate after a prompt, and when to stop.
public struct GenerationParameters: Sendable, Hashable {
    public enum ContextOverflow: Sendable, Hashable {
        /// A full context ends the generation with an error.
        case fail
        /// The first `keep` tokens stay, half of the others go, and the rest is computed again at its new positions.
        case shift(keep: Int)
    }

    public var sampling: SamplingParameters
    /// Most tokens to generate; nil for as many as the context holds.
    public var maxTokens: Int?
    /// Texts that end the generation and are not part of its answer.
    public var stop: [String]
    /// Go on after end-of-generation tokens (for measurements).
    public var ignoresEnd: Bool
    public var overflow: ContextOverflow
    /// How many of the most likely tokens to tell with each token, with its own log probability; nil tells neither.
    public var topLogProbabilities: Int?
    /// Special tokens that the answer's text shows, because they mean something to its reader; others are left out.
    public var visibleTokens: Set<TokenID> = []

    public init(
        sampling: SamplingParameters = SamplingParameters(), maxTokens: Int? = nil, stop: [String] = [],
        ignoresEnd: Bool = false, overflow: ContextOverflow = .fail, topLogProbabilities: Int? = nil
    ) {
        (self.sampling, self.maxTokens, self.stop) = (sampling, maxTokens, stop)
        (self.ignoresEnd, self.overflow) = (ignoresEnd, overflow)
        self.topLogProbabilities = topLogProbabilities
    }
}

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
