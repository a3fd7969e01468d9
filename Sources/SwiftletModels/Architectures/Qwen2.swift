import SwiftletTensors

/// Qwen2 and Qwen2.5, also DeepSeek-R1's distillations to them: Llama's blocks with biases on query, key and value.
///
/// arXiv:2407.10671, arXiv:2412.15115.
enum Qwen2: Architecture {
    static let names = ["qwen2"]

    static func load(_ weights: WeightSource, _ options: ModelOptions) throws(ModelError) -> Decoder {
        // Configuration
        let configuration = try weights.configuration()
        // Attention
        let table = try RotaryEmbedding(weights.settings, configuration, style: .halves).table(factors: nil)
        // Blocks
        let blocks = try (0..<configuration.blockCount).map { layer throws(ModelError) in
            let attention = try SelfAttention(weights, layer: layer, configuration, rotary: table)
            return try PreNormBlock(weights, configuration, attention: attention)
        }
        // Model
        return try Decoder(weights, configuration, blocks: blocks)
    }
}
