package import SwiftletTensors

/// A decoder-only language model: token embeddings, a stack of blocks, a last norm and the output layer.
package struct Decoder: Sendable {
    package let configuration: ModelConfiguration
    package let embedding: TensorView
    package let blocks: [any DecoderBlock]
    package let outputNorm: RMSNorm
    package let output: Linear
    /// Factor of the embeddings (Gemma: sqrt(embeddingLength)).
    package var embeddingScale: Float = 1
    /// Factor of the logits.
    package var logitScale: Float = 1
    /// Logits become cap * tanh(logit / cap); 0 for none.
    package var logitSoftcap: Float = 0

    /// The parts around the blocks from their usual tensors; without `output.weight` the embeddings serve as output too.
    package init(
        _ weights: WeightSource, _ configuration: ModelConfiguration, blocks: [any DecoderBlock]
    ) throws(ModelError) {
        self.configuration = configuration
        self.blocks = blocks
        let (vocabulary, width) = (configuration.vocabularySize, configuration.embeddingLength)
        embedding = try weights.tensor("token_embd.weight", vocabulary, width)
        outputNorm = try weights.norm("output_norm", width, epsilon: configuration.normEpsilon)
        output =
            weights.has("output.weight")
            ? try weights.linear("output", inputs: width, outputs: vocabulary) : Linear(weight: embedding)
    }

    package var keyValueShape: KeyValueShape {
        KeyValueShape(
            layerCount: blocks.count, keyLength: configuration.keyLength, valueLength: configuration.valueLength,
            headSize: configuration.headSize, valueHeadSize: configuration.valueHeadSize)
    }

    /// The hidden states of the rows in `batch.outputs`, after the last norm: `[outputs, embeddingLength]`.
    ///
    /// Keys and values of all rows are stored in the batch's caches.
    package func hidden(_ pass: ForwardPass) -> FloatMatrix {
        let x = pass.embed(embedding)
        if embeddingScale != 1 { pass.compute.scale(x, by: embeddingScale) }
        var stream = ResidualStream(x, delta: pass.matrix(columns: x.columns))
        let last = pass.lastRows(columns: x.columns)
        for (index, block) in blocks.enumerated() {
            block(&stream, pass, last: index == blocks.count - 1 ? last : nil)
        }
        let hidden = pass.scratch.matrix(rows: stream.x.rows, columns: x.columns)
        let normed = stream.normed(outputNorm, into: hidden, pass)
        pass.compute.make(hidden.rows, normed)
        return last == nil ? pass.outputs(of: hidden) : hidden
    }

    /// Logits of hidden states: `[rows, vocabularySize]`.
    package func logits(_ hidden: FloatMatrix, _ pass: ForwardPass) -> FloatMatrix {
        let logits = output(hidden, pass)
        if logitScale != 1 { pass.compute.scale(logits, by: logitScale) }
        if logitSoftcap != 0 { pass.compute.softcap(logits, cap: logitSoftcap) }
        return logits
    }
}
