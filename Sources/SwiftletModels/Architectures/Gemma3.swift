import SwiftletTensors

/// Gemma 3 (text): five local layers to a global one, each kind with its own RoPE base, norms on query and key heads.
///
/// arXiv:2503.19786.
enum Gemma3: Architecture {
    static let names = ["gemma3"]

    static func load(_ weights: WeightSource, _ options: ModelOptions) throws(ModelError) -> Decoder {
        // Configuration
        let (settings, configuration) = (weights.settings, try weights.configuration())
        let local = try LocalLayers(settings, configuration, period: 6)
        // Attention
        let rotary = try RotaryEmbedding(settings, configuration, style: .halves)
        let globalTable = rotary.table(factors: nil)
        let localBase = try settings.float("rope.freq_base_swa", default: 10000)
        let localTable = rotary.local(base: Double(localBase)).table(factors: nil)
        // Blocks
        let blocks = try (0..<configuration.blockCount).map { layer throws(ModelError) in
            let isLocal = configuration.slidingWindow != nil && local.contains(layer)
            var attention = try SelfAttention(
                weights, layer: layer, configuration, rotary: isLocal ? localTable : globalTable
            ).withHeadNorms(weights, epsilon: configuration.normEpsilon)
            attention.window = isLocal ? configuration.window(options) : nil
            attention.scale = Gemma.attentionScale(configuration, largest: 62)
            return try SandwichNormBlock(weights, configuration, attention: attention, activation: .geluTanh)
        }
        // Model
        var decoder = try Decoder(weights, configuration, blocks: blocks)
        decoder.embeddingScale = Float(configuration.embeddingLength).squareRoot()
        decoder.logitSoftcap = try settings.float("final_logit_softcapping", default: 0)
        return decoder
    }
}
