import SwiftletTensors

/// Phi-3, Phi-3.5 and Phi-4 mini: Llama's blocks with fused weights, partial RoPE, and long or short RoPE factors.
///
/// arXiv:2404.14219. The sliding window counts here; llama.cpp leaves it out.
enum Phi3: Architecture {
    static let names = ["phi3"]

    static func load(_ weights: WeightSource, _ options: ModelOptions) throws(ModelError) -> Decoder {
        // Configuration
        let configuration = try weights.configuration()
        // Attention
        let rotary = try RotaryEmbedding(weights.settings, configuration, style: .halves)
        let table = rotary.table(factors: try weights.rotaryFactors(rotary, configuration.contextLength(options)))
        // Blocks
        let blocks = try (0..<configuration.blockCount).map { layer throws(ModelError) in
            var attention = try SelfAttention(weights, layer: layer, configuration, rotary: table)
            attention.window = configuration.window(options)
            return try PreNormBlock(weights, configuration, attention: attention)
        }
        // Model
        return try Decoder(weights, configuration, blocks: blocks)
    }
}
