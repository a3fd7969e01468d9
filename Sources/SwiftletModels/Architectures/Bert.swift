import SwiftletGround
import SwiftletTensors

/// BERT's encoders of sentences: all-MiniLM, BGE. Absolute positions, norms after each half of a block, attention to
/// all tokens of the text. arXiv:1810.04805, arXiv:1908.10084.
enum Bert: EncoderArchitecture {
    static let names = ["bert"]

    static func load(_ weights: WeightSource) throws(ModelError) -> Encoder {
        // Configuration
        let configuration = try EncoderConfiguration(weights)
        let (width, epsilon) = (configuration.embeddingLength, configuration.normEpsilon)
        // Blocks
        let blocks = try (0..<configuration.blockCount).map { layer throws(ModelError) in
            try BertBlock(weights, layer: layer, configuration)
        }
        // Model
        let positions = try weights.found("position_embd.weight")
        guard positions.columns == width, positions.rows >= configuration.contextLength else {
            throw ModelError(
                .tensorShape,
                "the shape is \(positions.shape), but the longest text has \(configuration.contextLength) tokens",
                at: "tensor \(positions.name)", advice: "The file is damaged or was converted wrongly")
        }
        let types = try weights.found("token_types.weight")
        guard types.columns == width, types.rows >= 1 else {
            throw ModelError(
                .tensorShape, "the shape is \(types.shape), which makes no token types of width \(width)",
                at: "tensor \(types.name)", advice: "The file is damaged or was converted wrongly")
        }
        return Encoder(
            configuration: configuration,
            tokenEmbedding: try weights.tensor("token_embd.weight", configuration.vocabularySize, width),
            positionEmbedding: positions, typeEmbedding: Vector(types.rows(0..<1).decoded()),
            embeddingNorm: try LayerNorm(weights, "token_embd_norm", width, epsilon: epsilon), blocks: blocks)
    }
}

/// x = norm(x + attention(x)); x = norm(x + down(gelu(up(x)))): the first Transformer's block.
struct BertBlock: EncoderBlock {
    let query: Linear
    let key: Linear
    let value: Linear
    let output: Linear
    let attentionNorm: LayerNorm
    let up: Linear
    let down: Linear
    let outputNorm: LayerNorm
    let parameters: AttentionParameters

    init(_ weights: WeightSource, layer: Int, _ configuration: EncoderConfiguration) throws(ModelError) {
        let (name, width) = ("blk.\(layer).", configuration.embeddingLength)
        let (inside, epsilon) = (configuration.feedForwardLength, configuration.normEpsilon)
        if weights.has(name + "attn_qkv.weight") {
            let parts = try weights.fused(name + "attn_qkv", inputs: width, outputs: [width, width, width])
            (query, key, value) = (parts[0], parts[1], parts[2])
        } else {
            query = try weights.linear(name + "attn_q", inputs: width, outputs: width)
            key = try weights.linear(name + "attn_k", inputs: width, outputs: width)
            value = try weights.linear(name + "attn_v", inputs: width, outputs: width)
        }
        output = try weights.linear(name + "attn_output", inputs: width, outputs: width)
        attentionNorm = try LayerNorm(weights, name + "attn_output_norm", width, epsilon: epsilon)
        up = try weights.linear(name + "ffn_up", inputs: width, outputs: inside)
        down = try weights.linear(name + "ffn_down", inputs: inside, outputs: width)
        outputNorm = try LayerNorm(weights, name + "layer_output_norm", width, epsilon: epsilon)
        let (heads, size) = (configuration.headCount, width / configuration.headCount)
        parameters = AttentionParameters(
            heads: heads, kvHeads: heads, headSize: size, scale: 1 / Float(size).squareRoot())
    }

    func callAsFunction(_ x: FloatMatrix, _ pass: EncoderPass) {
        pass.scoped {
            pass.compute.add(attention(x, pass), to: x)
            attentionNorm.apply(to: x, pass.compute)
        }
        pass.scoped {
            let inner = linear(up, x, pass)
            pass.compute.activate(inner, .gelu, into: inner)
            pass.compute.add(linear(down, inner, pass), to: x)
            outputNorm.apply(to: x, pass.compute)
        }
    }

    private func attention(_ x: FloatMatrix, _ pass: EncoderPass) -> FloatMatrix {
        let (q, k, v) = (linear(query, x, pass), linear(key, x, pass), linear(value, x, pass))
        let mixed = pass.matrix(columns: q.columns)
        // Keys and values of a text lie back to back: they are its cache as they are, and every row sees all of it.
        let segments = pass.slices.map { rows in
            AttentionSegment(
                pages: KeyValuePages(keys: k.rows(rows), values: v.rows(rows), kvHeads: parameters.kvHeads),
                queryRows: rows, ranges: rows.map { _ in 0..<rows.count })
        }
        pass.compute.attention(q, segments: segments, parameters: parameters, into: mixed)
        return linear(output, mixed, pass)
    }

    private func linear(_ layer: Linear, _ x: FloatMatrix, _ pass: EncoderPass) -> FloatMatrix {
        pass.observer?.observe(x, [layer.weight])
        let y = pass.matrix(columns: layer.outputs)
        pass.compute.matmul(x, layer.weight, into: y)
        layer.finish(y, pass.compute)
        return y
    }
}
