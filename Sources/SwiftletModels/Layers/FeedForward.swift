package import SwiftletTensors

/// A gated feed-forward layer: down(activation(gate x) * up x) (Shazeer, arXiv:2002.05202).
package struct FeedForward: Sendable {
    package let gate: Linear
    package let up: Linear
    package let down: Linear
    package let activation: Activation
    private let inner: [TensorView]

    package init(gate: Linear, up: Linear, down: Linear, activation: Activation) {
        (self.gate, self.up, self.down, self.activation) = (gate, up, down, activation)
        inner = [gate.weight, up.weight]
    }

    /// `x` `[tokens, embeddingLength]`, normed, which `maker` fills, to `output` of the same shape: products that
    /// `down.finish` is still to be applied to.
    package func callAsFunction(
        _ x: FloatMatrix, making maker: some RowMaker = RowsAsTheyAre(), into output: FloatMatrix, _ pass: ForwardPass
    ) {
        let both = pass.scratch.matrix(rows: x.rows, columns: gate.outputs + up.outputs)
        pass.matmul(x, inner, into: both, making: maker)
        let gated = pass.compute.gated(
            both.columns(0..<gate.outputs), both.columns(gate.outputs..<both.columns), activation,
            gateFinish: gate.finish, upFinish: up.finish)
        pass.matmul(gated.output, down.weight, into: output, making: gated)
    }
}
