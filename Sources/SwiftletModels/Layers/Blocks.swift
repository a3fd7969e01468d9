package import SwiftletTensors

/// One layer of a decoder: reads and changes the residual stream.
package protocol DecoderBlock: Sendable {
    /// Changes the stream of all rows; with `last`, only those rows go on, and `stream` is theirs afterwards.
    func callAsFunction(_ stream: inout ResidualStream, _ pass: ForwardPass, last: LastRows?)
}

/// The feed-forward half of a block: one dense layer, a mixture of experts, or a mixture with a shared expert.
package enum FeedForwardLayer: Sendable {
    case dense(FeedForward)
    case mixture(MixtureOfExperts, shared: FeedForward?)

    /// `x`, normed, which `maker` fills, to `output`; what is left to do to each row of that is returned.
    package func callAsFunction(
        _ x: FloatMatrix, making maker: some RowMaker, into output: FloatMatrix, _ pass: ForwardPass
    ) -> RowFinish {
        switch self {
        case .dense(let layer):
            layer(x, making: maker, into: output, pass)
            return layer.down.finish
        case .mixture(let mixture, let shared):
            pass.compute.make(x.rows, maker)
            mixture(x, into: output, pass)
            if let shared {
                let other = pass.scratch.matrix(rows: x.rows, columns: x.columns)
                shared(x, into: other, pass)
                shared.down.finish(other, pass.compute)
                pass.compute.add(other, to: output)
            }
            return RowFinish()
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

    package func callAsFunction(_ stream: inout ResidualStream, _ pass: ForwardPass, last: LastRows?) {
        run(&stream, pass, last)
    }

    /// `norms`: of what attention and feed-forward layer add to the stream.
    fileprivate func run(
        _ stream: inout ResidualStream, _ pass: ForwardPass, _ last: LastRows?, norms: (RMSNorm, RMSNorm)? = nil
    ) {
        pass.scoped { attention(&stream, attentionNorm, pass, last: last) }
        stream.add(finish: attention.output.finish, norm: norms?.0, scale: residualScale)
        let pass = last?.pass ?? pass
        pass.scoped {
            let x = pass.matrix(columns: stream.x.columns)
            let normed = stream.normed(feedForwardNorm, into: x, pass)
            let finish = feedForward(x, making: normed, into: stream.delta, pass)
            stream.add(finish: finish, norm: norms?.1, scale: residualScale)
        }
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

    package func callAsFunction(_ stream: inout ResidualStream, _ pass: ForwardPass, last: LastRows?) {
        inner.run(&stream, pass, last, norms: (attentionPostNorm, feedForwardPostNorm))
    }
}
