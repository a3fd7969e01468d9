package import SwiftletTensors

/// One layer of a decoder: reads and changes the residual stream.
package protocol DecoderBlock: Sendable {
    /// `x` `[tokens, embeddingLength]` is changed where it is.
    func callAsFunction(_ x: FloatMatrix, _ pass: ForwardPass)
}

/// The feed-forward half of a block: one dense layer, a mixture of experts, or a mixture with a shared expert.
package enum FeedForwardLayer: Sendable {
    case dense(FeedForward)
    case mixture(MixtureOfExperts, shared: FeedForward?)

    package func callAsFunction(_ x: FloatMatrix, _ pass: ForwardPass) -> FloatMatrix {
        switch self {
        case .dense(let layer): return layer(x, pass)
        case .mixture(let mixture, let shared):
            let y = mixture(x, pass)
            if let shared { pass.compute.add(shared(x, pass), to: y) }
            return y
        }
    }

    /// What the file holds for that layer: dense where there is neither router nor experts.
    /// `scaled`: whether the architecture's weights may carry scales.
    package init(
        _ weights: WeightSource, layer: Int, _ configuration: ModelConfiguration, activation: Activation, scaled: Bool
    ) throws(ModelError) {
        let parts = ["ffn_gate_inp", "ffn_gate_exps"]
        guard configuration.expertCount > 0, parts.contains(where: { weights.has("blk.\(layer).\($0).weight") }) else {
            self = .dense(try FeedForward(weights, layer: layer, configuration, activation: activation, scaled: scaled))
            return
        }
        let length = try weights.settings.integer("expert_shared_feed_forward_length", in: 0...(1 << 24), default: 0)
        let shared =
            length == 0
            ? nil
            : try FeedForward(
                weights, prefix: "blk.\(layer).ffn_", suffix: "_shexp", width: configuration.embeddingLength,
                inside: length,
                activation: activation)
        self = .mixture(
            try MixtureOfExperts(weights, layer: layer, configuration, activation: activation, scaled: scaled),
            shared: shared)
    }
}

/// x += scale * attention(norm(x)); x += scale * feedForward(norm(x)): Llama's block, and most others'.
package struct PreNormBlock: DecoderBlock {
    package let attentionNorm: RMSNorm
    package let attention: SelfAttention
    package let feedForwardNorm: RMSNorm
    package let feedForward: FeedForwardLayer
    /// Factor of what is added to the residual stream (Granite).
    package var residualScale: Float = 1

    package init(
        _ weights: WeightSource, _ configuration: ModelConfiguration, attention: SelfAttention,
        activation: Activation = .silu,
        scaledFeedForward: Bool = false
    ) throws(ModelError) {
        let (layer, width, epsilon) = (attention.layer, configuration.embeddingLength, configuration.normEpsilon)
        self.attention = attention
        attentionNorm = try weights.norm("blk.\(layer).attn_norm", width, epsilon: epsilon)
        feedForwardNorm = try weights.norm("blk.\(layer).ffn_norm", width, epsilon: epsilon)
        feedForward = try FeedForwardLayer(
            weights, layer: layer, configuration, activation: activation, scaled: scaledFeedForward)
    }

    package func callAsFunction(_ x: FloatMatrix, _ pass: ForwardPass) {
        pass.scoped { pass.compute.add(attention(attentionNorm(x, pass), pass), to: x, scale: residualScale) }
        pass.scoped { pass.compute.add(feedForward(feedForwardNorm(x, pass), pass), to: x, scale: residualScale) }
    }
}

/// x += norm(attention(norm(x))); x += norm(feedForward(norm(x))): Gemma 2's and 3's block.
package struct SandwichNormBlock: DecoderBlock {
    package let inner: PreNormBlock
    package let attentionPostNorm: RMSNorm
    package let feedForwardPostNorm: RMSNorm

    package init(
        _ weights: WeightSource, _ configuration: ModelConfiguration, attention: SelfAttention, activation: Activation
    ) throws(ModelError) {
        let (layer, width, epsilon) = (attention.layer, configuration.embeddingLength, configuration.normEpsilon)
        inner = try PreNormBlock(weights, configuration, attention: attention, activation: activation)
        attentionPostNorm = try weights.norm("blk.\(layer).post_attention_norm", width, epsilon: epsilon)
        feedForwardPostNorm = try weights.norm("blk.\(layer).post_ffw_norm", width, epsilon: epsilon)
    }

    package func callAsFunction(_ x: FloatMatrix, _ pass: ForwardPass) {
        pass.scoped {
            let y = inner.attention(inner.attentionNorm(x, pass), pass)
            attentionPostNorm.apply(to: y, pass)
            pass.compute.add(y, to: x)
        }
        pass.scoped {
            let y = inner.feedForward(inner.feedForwardNorm(x, pass), pass)
            feedForwardPostNorm.apply(to: y, pass)
            pass.compute.add(y, to: x)
        }
    }
}
