import SwiftletTensors

/// Gemma 2: norms before and after each half of a block, every second layer local, soft caps. arXiv:2408.00118.
enum Gemma2: Architecture {
    static let names = ["gemma2"]

    static func load(_ weights: WeightSource, _ options: ModelOptions) throws(ModelError) -> Decoder {
        // Configuration
        let (settings, configuration) = (weights.settings, try weights.configuration())
        let window = options.slidingWindow == .honor ? configuration.slidingWindow ?? 4096 : nil
        let local = try LocalLayers(settings, configuration, period: 2)
        let scoreCap = try settings.float("attn_logit_softcapping", default: 50)
        // Attention
        let rotary = try RotaryEmbedding(settings, configuration, style: .halves)
        let table = rotary.table(factors: nil)
        // Blocks
        let blocks = try (0..<configuration.blockCount).map { layer throws(ModelError) in
            var attention = try SelfAttention(weights, layer: layer, configuration, rotary: table)
            attention.window = local.contains(layer) ? window : nil
            attention.softcap = scoreCap
            attention.scale = Gemma.attentionScale(configuration, largest: 46)
            return try SandwichNormBlock(weights, configuration, attention: attention, activation: .geluTanh)
        }
        // Model
        var decoder = try Decoder(weights, configuration, blocks: blocks)
        decoder.embeddingScale = Float(configuration.embeddingLength).squareRoot()
        decoder.logitSoftcap = try settings.float("final_logit_softcapping", default: 30)
        return decoder
    }
}

/// What the Gemma generations share.
enum Gemma {
    /// 1 / sqrt(headSize), but the 27B models (told by their number of layers) scale by the width of a head's share.
    static func attentionScale(_ configuration: ModelConfiguration, largest blockCount: Int) -> Float {
        let size =
            configuration.blockCount == blockCount
            ? configuration.embeddingLength / configuration.headCount : configuration.headSize
        return 1 / Float(size).squareRoot()
    }
}
