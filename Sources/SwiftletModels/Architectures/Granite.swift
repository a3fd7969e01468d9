import SwiftletTensors

/// Granite 3 and 4 (dense, and mixtures with a shared expert): Llama's blocks with scales on embeddings, attention,
/// residuals and logits. arXiv:2408.13359 (the scales are muP's).
enum Granite: Architecture {
    static let names = ["granite", "granitemoe"]

    static func load(_ weights: WeightSource, _ options: ModelOptions) throws(ModelError) -> Decoder {
        // Configuration
        let (settings, configuration) = (weights.settings, try weights.configuration())
        let logitScale = try settings.float("logit_scale")
        guard logitScale != 0 else { throw settings.impossible("logit_scale", "logits would be divided by zero") }
        let residualScale = try settings.float("residual_scale", default: 0)
        let embeddingScale = try settings.float("embedding_scale", default: 0)
        let attentionScale = try settings.float("attention.scale", default: 0)
        // Attention
        let rotary = try RotaryEmbedding(settings, configuration, style: .interleaved)
        let factors = try weights.rotaryFactors(rotary, configuration.contextLength(options))
        let hasPositions = try settings.bool("rope.scaling.finetuned", default: true)
        let table = hasPositions ? rotary.table(factors: factors) : nil
        // Blocks
        let blocks = try (0..<configuration.blockCount).map { layer throws(ModelError) in
            var attention = try SelfAttention(weights, layer: layer, configuration, rotary: table)
            if attentionScale != 0 { attention.scale = attentionScale }
            var block = try PreNormBlock(weights, configuration, attention: attention)
            if residualScale != 0 { block.residualScale = residualScale }
            return block
        }
        // Model
        var decoder = try Decoder(weights, configuration, blocks: blocks)
        if embeddingScale != 0 { decoder.embeddingScale = embeddingScale }
        decoder.logitScale = 1 / logitScale
        return decoder
    }
}
