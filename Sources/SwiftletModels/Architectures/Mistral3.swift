import SwiftletTensors

/// Ministral 3 and Mistral 3: Llama's blocks with YaRN and, where the file asks for it, attention temperature by position.
enum Mistral3: Architecture {
    static let names = ["mistral3"]

    static func load(_ weights: WeightSource, _ options: ModelOptions) throws(ModelError) -> Decoder {
        // Configuration
        let configuration = try weights.configuration()
        let temperatureScale = try weights.settings.float("attention.temperature_scale", default: 0)
        // Attention
        let rotary = try RotaryEmbedding(weights.settings, configuration, style: .interleaved)
        let table = rotary.table(factors: try weights.rotaryFactors(rotary, configuration.contextLength(options)))
        // Blocks
        let blocks = try (0..<configuration.blockCount).map { layer throws(ModelError) in
            var attention = try SelfAttention(weights, layer: layer, configuration, rotary: table)
            attention.window = configuration.window(options)
            if temperatureScale != 0 {
                attention.temperature = AttentionTemperature(scale: temperatureScale, floor: rotary.originalContext)
            }
            return try PreNormBlock(weights, configuration, attention: attention, scaledFeedForward: true)
        }
        // Model
        return try Decoder(weights, configuration, blocks: blocks)
    }
}
