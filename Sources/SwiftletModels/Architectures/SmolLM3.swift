import SwiftletTensors

/// SmolLM3: Llama's blocks, every fourth of them without positions (NoPE, arXiv:2501.18795).
enum SmolLM3: Architecture {
    static let names = ["smollm3"]

    static func load(_ weights: WeightSource, _ options: ModelOptions) throws(ModelError) -> Decoder {
        // Configuration
        let configuration = try weights.configuration()
        // Attention
        let table = try RotaryEmbedding(weights.settings, configuration, style: .interleaved).table(factors: nil)
        // Blocks
        let blocks = try (0..<configuration.blockCount).map { layer throws(ModelError) in
            let positions = (layer + 1) % 4 != 0
            let attention = try SelfAttention(weights, layer: layer, configuration, rotary: positions ? table : nil)
            return try PreNormBlock(weights, configuration, attention: attention)
        }
        // Model
        return try Decoder(weights, configuration, blocks: blocks)
    }
}
