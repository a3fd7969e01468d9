package import SwiftletTensors

/// Layer norm: (x - mean) / sqrt(variance + epsilon) * weight + bias (Ba et al., arXiv:1607.06450).
package struct LayerNorm: Sendable {
    package let weight: Vector
    package let bias: Vector
    package let epsilon: Float

    /// `name.weight` and `name.bias`.
    package init(_ weights: WeightSource, _ name: String, _ count: Int, epsilon: Float) throws(ModelError) {
        weight = try weights.vector(name + ".weight", count)
        bias = try weights.vector(name + ".bias", count)
        self.epsilon = epsilon
    }

    /// Norms `x` where it is.
    package func apply(to x: FloatMatrix, _ compute: Compute) {
        compute.layerNorm(x, weight: weight.base, bias: bias.base, epsilon: epsilon, into: x)
    }
}
