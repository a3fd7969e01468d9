package import SwiftletTensors

/// A weight `[outputs, inputs]` in any format, with its bias and its scale where the file has them: y = scale * Wx + bias,
/// or scale * (Wx + bias) in feed-forward layers.
package struct Linear: Sendable {
    package let weight: TensorView
    package let bias: Vector?
    /// One factor for the whole weight, as NVFP4 and FP8 checkpoints carry it.
    package let scale: Float?
    /// The scale counts for the bias too: so the reference engine runs feed-forward layers.
    package let scalesBias: Bool

    package init(weight: TensorView, bias: Vector? = nil, scale: Float? = nil, scalesBias: Bool = false) {
        (self.weight, self.bias, self.scale, self.scalesBias) = (weight, bias, scale, scalesBias)
    }

    package var outputs: Int { weight.rows }

    /// What whoever reads the products `Wx` does to them first.
    package var finish: RowFinish { RowFinish(scale: scale, bias: bias?.base, scalesBias: scalesBias) }

    /// `x` `[tokens, inputs]` to a new `[tokens, outputs]` in scratch memory.
    package func callAsFunction(_ x: FloatMatrix, _ pass: ForwardPass) -> FloatMatrix {
        let y = pass.scratch.matrix(rows: x.rows, columns: outputs)
        pass.matmul(x, weight, into: y)
        finish(y, pass.compute)
        return y
    }

    package func finish(_ y: FloatMatrix, _ compute: Compute) {
        if let scale, !scalesBias { compute.scale(y, by: scale) }
        if let bias { compute.addBias(bias.base, to: y) }
        if let scale, scalesBias { compute.scale(y, by: scale) }
    }
}

extension ForwardPass {
    /// `x`, whose rows `maker` fills, times a weight; an observer sees it.
    package func matmul(
        _ x: FloatMatrix, _ weight: TensorView, into y: FloatMatrix, making maker: some RowMaker = RowsAsTheyAre()
    ) {
        guard let observer else { return compute.matmul(x, weight, into: y, making: maker) }
        compute.make(x.rows, maker)
        observer.observe(x, [weight])
        compute.matmul(x, weight, into: y)
    }

    /// The same for several weights, whose products come to lie side by side.
    package func matmul(
        _ x: FloatMatrix, _ weights: [TensorView], into y: FloatMatrix, making maker: some RowMaker = RowsAsTheyAre()
    ) {
        guard let observer else { return compute.matmul(x, weights, into: y, making: maker) }
        compute.make(x.rows, maker)
        observer.observe(x, weights)
        compute.matmul(x, weights, into: y)
    }
}
