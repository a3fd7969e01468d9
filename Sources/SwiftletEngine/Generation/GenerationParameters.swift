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
    /// Log probabilities are those that the sampling chain left, and not the model's own.
    public var tellsChancesOfSampling = false
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
