package import SwiftletTensors

/// Root mean square norm: x / sqrt(mean(x^2) + epsilon) * weight (Zhang and Sennrich, arXiv:1910.07467).
package struct RMSNorm: Sendable {
    package let weight: Vector
    package let epsilon: Float

    /// A new normed matrix in scratch memory.
    package func callAsFunction(_ x: FloatMatrix, _ pass: ForwardPass) -> FloatMatrix {
        let y = pass.scratch.matrix(rows: x.rows, columns: x.columns)
        pass.compute.rmsNorm(x, weight: weight.base, epsilon: epsilon, into: y)
        return y
    }

    /// Norms `x` where it is. `x` may be `[tokens, heads * headSize]`: each head is then normed by itself.
    package func apply(to x: FloatMatrix, _ pass: ForwardPass) {
        let heads = FloatMatrix(base: x.base, rows: x.rows * (x.columns / weight.count), columns: weight.count)
        pass.compute.rmsNorm(heads, weight: weight.base, epsilon: epsilon, into: heads)
    }
}
