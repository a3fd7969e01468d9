/// What every decoder says of itself in its file; an architecture reads what is its own besides.
public struct ModelConfiguration: Sendable {
    public let architecture: String
    /// Longest sequence that the model was trained for, in tokens.
    public let contextLength: Int
    /// Width of the residual stream.
    public let embeddingLength: Int
    public let blockCount: Int
    /// Width inside the feed-forward layers.
    public let feedForwardLength: Int
    public let headCount: Int
    /// Key/value heads: fewer than `headCount` in grouped-query attention.
    public let keyValueHeadCount: Int
    /// Elements of a key (and query) head.
    public let headSize: Int
    /// Elements of a value head.
    public let valueHeadSize: Int
    public let vocabularySize: Int
    /// Added to the mean square under RMSNorm's root.
    public let normEpsilon: Float
    /// How many of the latest positions a local layer sees, itself included; nil where attention is full.
    public let slidingWindow: Int?
    /// Experts of a mixture; 0 in dense models.
    public let expertCount: Int
    public let expertsUsed: Int

    /// Reads the settings that all decoders share, each checked against its limits.
    package init(_ settings: Hyperparameters, vocabularySize: Int) throws(ModelError) {
        architecture = settings.architecture
        self.vocabularySize = vocabularySize
        contextLength = try settings.integer("context_length", in: 1...(1 << 30))
        embeddingLength = try settings.integer("embedding_length", in: 1...(1 << 20))
        blockCount = try settings.integer("block_count", in: 1...4096)
        headCount = try settings.integer("attention.head_count", in: 1...4096)
        keyValueHeadCount = try settings.integer("attention.head_count_kv", in: 1...headCount, default: headCount)
        guard headCount % keyValueHeadCount == 0 else {
            throw settings.impossible(
                "attention.head_count_kv", "\(keyValueHeadCount) does not divide \(headCount) heads")
        }
        headSize = try settings.integer(
            "attention.key_length", in: 1...4096, default: max(embeddingLength / headCount, 1))
        valueHeadSize = try settings.integer("attention.value_length", in: 1...4096, default: headSize)
        feedForwardLength = try settings.integer("feed_forward_length", in: 1...(1 << 24))
        normEpsilon = try settings.float("attention.layer_norm_rms_epsilon")
        guard normEpsilon >= 0 else {
            throw settings.impossible("attention.layer_norm_rms_epsilon", "\(normEpsilon) is negative")
        }
        let window = try settings.integer("attention.sliding_window", in: 0...(1 << 30), default: 0)
        slidingWindow = window > 0 ? window : nil
        expertCount = try settings.integer("expert_count", in: 0...4096, default: 0)
        expertsUsed = try settings.integer("expert_used_count", in: 0...expertCount, default: 0)
        guard expertCount == 0 || expertsUsed > 0 else {
            throw settings.impossible("expert_used_count", "a mixture of \(expertCount) experts uses none")
        }
    }

    /// Elements of all key heads of one position.
    package var keyLength: Int { keyValueHeadCount * headSize }
    package var valueLength: Int { keyValueHeadCount * valueHeadSize }
}
