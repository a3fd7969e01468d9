package import SwiftletTensors

/// A gated feed-forward layer: down(activation(gate x) * up x) (Shazeer, arXiv:2002.05202).
package struct FeedForward: Sendable {
    package let gate: Linear
    package let up: Linear
    package let down: Linear
    package let activation: Activation

    /// `x` `[tokens, embeddingLength]`, normed, to the layer's output of the same shape, in scratch memory.
    package func callAsFunction(_ x: FloatMatrix, _ pass: ForwardPass) -> FloatMatrix {
        let (gated, upward) = pass.project(x, gate, up)
        pass.compute.gate(gated, upward, activation: activation, into: gated)
        return down(gated, pass)
    }
}
