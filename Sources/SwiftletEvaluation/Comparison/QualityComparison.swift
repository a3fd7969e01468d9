/// A base model and others on the same text.
public struct QualityComparison: Sendable {
    public let base: PerplexityResult
    public let baseSize: ModelSize
    /// In the order in which the models were given.
    public let models: [ModelComparison]
}

/// A chunk that all models have done.
public struct ComparisonProgress: Sendable {
    public let chunk: Int
    public let chunks: Int
    /// Mean divergence of each model so far, in nats.
    public let divergences: [Double]
    public let elapsed: Duration
}
