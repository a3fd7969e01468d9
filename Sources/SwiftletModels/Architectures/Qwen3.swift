import SwiftletTensors

/// Qwen3: Llama's blocks with a norm on each query and key head. arXiv:2505.09388.
enum Qwen3: Architecture {
    static let names = ["qwen3"]

    static func load(_ weights: WeightSource, _ options: ModelOptions) throws(ModelError) -> Decoder {
        // Configuration
        let configuration = try weights.configuration()
        // Attention
        let table = try RotaryEmbedding(weights.settings, configuration, style: .halves).table(factors: nil)
        // Blocks
        let blocks = try (0..<configuration.blockCount).map { layer throws(ModelError) in
            let attention = try SelfAttention(weights, layer: layer, configuration, rotary: table)
                .withHeadNorms(weights, epsilon: configuration.normEpsilon)
            return try PreNormBlock(weights, configuration, attention: attention, scaledFeedForward: true)
        }
        // Model
        return try Decoder(weights, configuration, blocks: blocks)
    }
}
