import Foundation
package import SwiftletTensors

/// The rotation of rotary position embeddings (arXiv:2104.09864) with the ways to stretch it to longer contexts:
/// linear, Llama 3's and Phi's factors per frequency, and YaRN (arXiv:2309.00071).
package struct RotaryEmbedding: Sendable {
    package enum Scaling: Sendable {
        case none
        /// Positions are divided by `factor`.
        case linear(factor: Double)
        case yarn(factor: Double, extrapolation: Double, fast: Double, slow: Double, logMultiplier: Double)
    }

    package let style: RotaryTable.Style
    /// Elements of a head that are rotated, from its start.
    package let dimensions: Int
    package let base: Double
    package let scaling: Scaling
    package let originalContext: Int
    /// Factor of the rotated vectors' length.
    package let magnitude: Double

    /// The table for a model; `factors` divide each frequency (Llama 3's `rope_freqs`, Phi's long or short factors).
    package func table(factors: Vector?) -> RotaryTable {
        let frequencies = (0..<dimensions / 2).map { pair -> Double in
            let plain = pow(base, -2 * Double(pair) / Double(dimensions)) / Double(factors?[pair] ?? 1)
            return scaled(plain, pair: pair)
        }
        return RotaryTable(
            style: style, dimensions: dimensions, inverseFrequencies: frequencies,
            magnitude: Float(magnitude * yarnMagnitude))
    }

    private func scaled(_ frequency: Double, pair: Int) -> Double {
        switch scaling {
        case .none: return frequency
        case .linear(let factor): return frequency / factor
        case .yarn(let factor, let extrapolation, let fast, let slow, _):
            let low = max(0, correction(rotations: fast).rounded(.down))
            let high = min(Double(dimensions - 1), correction(rotations: slow).rounded(.up))
            let ramp = 1 - min(1, max(0, (Double(pair) - low) / max(0.001, high - low)))
            let mix = ramp * extrapolation
            return frequency / factor * (1 - mix) + frequency * mix
        }
    }

    /// The dimension whose wave turns `rotations` times over the original context.
    private func correction(rotations: Double) -> Double {
        Double(dimensions) * log(Double(originalContext) / (rotations * 2 * .pi)) / (2 * log(base))
    }

    private var yarnMagnitude: Double {
        guard case .yarn(let factor, let extrapolation, _, _, let logMultiplier) = scaling, extrapolation != 0 else {
            return 1
        }
        func scale(_ multiplier: Double) -> Double { factor <= 1 ? 1 : 0.1 * multiplier * log(factor) + 1 }
        return logMultiplier == 0 ? scale(1) : scale(1) / scale(logMultiplier)
    }
}
