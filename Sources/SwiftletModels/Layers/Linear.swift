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

    /// `x` `[tokens, inputs]` to a new `[tokens, outputs]` in scratch memory.
    package func callAsFunction(_ x: FloatMatrix, _ pass: ForwardPass) -> FloatMatrix {
        pass.observer?.observe(x, [weight])
        let y = pass.scratch.matrix(rows: x.rows, columns: outputs)
        pass.compute.matmul(x, weight, into: y)
        finish(y, pass)
        return y
    }

    package func finish(_ y: FloatMatrix, _ pass: ForwardPass) { finish(y, pass.compute) }

    package func finish(_ y: FloatMatrix, _ compute: Compute) {
        if let scale, !scalesBias { compute.scale(y, by: scale) }
        if let bias { compute.addBias(bias.base, to: y) }
        if let scale, scalesBias { compute.scale(y, by: scale) }
    }
}

extension ForwardPass {
    /// Several layers of one input, computed together: the input is quantized once.
    package func project(_ x: FloatMatrix, _ a: Linear, _ b: Linear) -> (FloatMatrix, FloatMatrix) {
        observer?.observe(x, [a.weight, b.weight])
        let (y, z) = (
            scratch.matrix(rows: x.rows, columns: a.outputs), scratch.matrix(rows: x.rows, columns: b.outputs)
        )
        compute.matmul(x, [(a.weight, y), (b.weight, z)])
        a.finish(y, self)
        b.finish(z, self)
        return (y, z)
    }

    package func project(
        _ x: FloatMatrix, _ a: Linear, _ b: Linear, _ c: Linear
    ) -> (FloatMatrix, FloatMatrix, FloatMatrix) {
        observer?.observe(x, [a.weight, b.weight, c.weight])
        let ya = scratch.matrix(rows: x.rows, columns: a.outputs)
        let yb = scratch.matrix(rows: x.rows, columns: b.outputs)
        let yc = scratch.matrix(rows: x.rows, columns: c.outputs)
        compute.matmul(x, [(a.weight, ya), (b.weight, yb), (c.weight, yc)])
        a.finish(ya, self)
        b.finish(yb, self)
        c.finish(yc, self)
        return (ya, yb, yc)
    }
}
