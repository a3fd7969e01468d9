package import SwiftletTensors

/// Root mean square norm: x / sqrt(mean(x^2) + epsilon) * weight (Zhang and Sennrich, arXiv:1910.07467).
package struct RMSNorm: Sendable {
    package let weight: Vector
    package let epsilon: Float

    /// The norm as operations on rows take it.
    package var rows: RowNorm { RowNorm(weight: weight.base, epsilon: epsilon) }
}
