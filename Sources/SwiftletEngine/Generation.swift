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

    public init(
        sampling: SamplingParameters = SamplingParameters(), maxTokens: Int? = nil, stop: [String] = [],
        ignoresEnd: Bool = false, overflow: ContextOverflow = .fail
    ) {
        (self.sampling, self.maxTokens, self.stop) = (sampling, maxTokens, stop)
        (self.ignoresEnd, self.overflow) = (ignoresEnd, overflow)
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
    public let promptDuration: Duration
    public let generationDuration: Duration
}

/// What a token stream carries, in this order: progress through the prompt, tokens with their text, the result.
public enum GenerationEvent: Sendable {
    case prompt(done: Int, total: Int)
    /// A token and the text that can be shown by now; empty while a character or a possible stop text is incomplete.
    case token(TokenID, text: String)
    /// Text that was held back until the end.
    case text(String)
    case finished(GenerationResult)
}

/// A generation in progress; ending the iteration, or the task that iterates, cancels it.
public typealias TokenStream = AsyncThrowingStream<GenerationEvent, any Error>
