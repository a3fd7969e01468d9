import Foundation
import SwiftletTokenizers

/// How well a model predicts a text.
public struct PerplexityResult: Sendable {
    /// e^(mean surprise), with its standard error: 1 for a model that always knew, the vocabulary's size for one that knows
    /// nothing.
    public let perplexity: Estimate
    /// Mean of -ln(probability of the token that came), in nats.
    public let surprise: Estimate
    /// The perplexity of all chunks up to each one.
    public let running: [Double]
    /// Tokens in a chunk.
    public let context: Int
    /// Tokens whose prediction counts.
    public let scoredTokens: Int
    /// From the first model step to the last.
    public let duration: Duration

    public var chunks: Int { running.count }
}

/// A chunk that is done.
public struct PerplexityProgress: Sendable {
    public let chunk: Int
    public let chunks: Int
    /// The perplexity of all chunks so far.
    public let perplexity: Double
    public let elapsed: Duration
}
