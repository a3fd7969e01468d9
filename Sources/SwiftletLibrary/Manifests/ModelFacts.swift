/// What a model's own header says of it, kept in its manifest so that `list` opens no model.
public struct ModelFacts: Codable, Sendable, Hashable {
    /// `llama`, `qwen2`, …
    public let architecture: String
    /// The publisher's title, if the file has one.
    public let title: String?
    public let parameters: Int
    /// `Q4_K_M`, `F16`, …; the file's own label, or the type that most of its bytes have.
    public let quantization: String
    /// Tokens that the model was trained to attend to.
    public let contextLength: Int?
    public let layers: Int?
    public let embeddingSize: Int?
    public let vocabularySize: Int?
    /// Numbers that one token adds to the key-value cache, over all layers; nil where the header does not say.
    public let cacheNumbersPerToken: Int?
}
