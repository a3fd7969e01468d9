import SwiftletTensors

/// Llama 2 and 3, TinyLlama, SmolLM2, Mistral 7B, and their mixtures of experts (Mixtral).
///
/// arXiv:2307.09288, arXiv:2407.21783, arXiv:2310.06825, arXiv:2401.04088. Query and key rows are stored so that RoPE
/// turns neighbouring pairs. A sliding window (Mistral v0.1) counts in every layer; llama.cpp leaves it out.
enum Llama: Architecture {
    static let names = ["llama"]

    static func load(_ weights: WeightSource, _ options: ModelOptions) throws(ModelError) -> Decoder {
        try load(weights, options, rotary: .interleaved, scaledFeedForward: true)
    }

    /// The same stack with RoPE in another style.
    static func load(
        _ weights: WeightSource, _ options: ModelOptions, rotary style: RotaryTable.Style, scaledFeedForward: Bool
    ) throws(ModelError) -> Decoder {
        // Configuration
        let configuration = try weights.configuration()
        // Attention
        let rotary = try RotaryEmbedding(weights.settings, configuration, style: style)
        let table = rotary.table(factors: try weights.rotaryFactors(rotary, configuration.contextLength(options)))
        // Blocks
        let blocks = try (0..<configuration.blockCount).map { layer throws(ModelError) in
            var attention = try SelfAttention(weights, layer: layer, configuration, rotary: table)
            attention.window = configuration.window(options)
            return try PreNormBlock(weights, configuration, attention: attention, scaledFeedForward: scaledFeedForward)
        }
        // Model
        return try Decoder(weights, configuration, blocks: blocks)
    }
}
