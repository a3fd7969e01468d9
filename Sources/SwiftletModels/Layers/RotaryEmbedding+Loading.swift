package import SwiftletTensors

extension RotaryEmbedding {
    /// What the file says under `rope.*`.
    package init(
        _ settings: Hyperparameters, _ configuration: ModelConfiguration, style: RotaryTable.Style
    ) throws(ModelError) {
        let size = configuration.headSize
        let dimensions = try settings.integer("rope.dimension_count", in: 0...size, default: size)
        guard dimensions % 2 == 0 else {
            throw settings.impossible("rope.dimension_count", "\(dimensions) is odd, but pairs are rotated")
        }
        self.init(
            style: style, dimensions: dimensions,
            base: try Self.positive(settings, "rope.freq_base", default: 10000),
            scaling: try Self.scaling(settings),
            originalContext: try settings.integer(
                "rope.scaling.original_context_length", in: 1...(1 << 30), default: configuration.contextLength),
            magnitude: Double(try settings.float("rope.scaling.attn_factor", default: 1)))
    }

    /// The same rotation with another base and without scaling, for layers with a sliding window (Gemma 3).
    package func local(base: Double) -> RotaryEmbedding {
        RotaryEmbedding(
            style: style, dimensions: dimensions, base: base, scaling: .none, originalContext: originalContext,
            magnitude: 1)
    }

    private static func scaling(_ settings: Hyperparameters) throws(ModelError) -> Scaling {
        let type = try settings.string("rope.scaling.type", default: "linear")
        let old = try settings.float("rope.scale_linear", default: 0)
        let stored = Double(try settings.float("rope.scaling.factor", default: old))
        guard stored >= 0 else { throw settings.impossible("rope.scaling.factor", "\(stored) is negative") }
        let factor = stored == 0 ? 1 : stored
        switch type {
        case "none": return .none
        case "linear", "longrope": return factor == 1 ? .none : .linear(factor: factor)
        case "yarn":
            let extrapolation = Double(try settings.float("rope.scaling.yarn_ext_factor", default: -1))
            return .yarn(
                factor: factor, extrapolation: extrapolation < 0 ? 1 : extrapolation,
                fast: try positive(settings, "rope.scaling.yarn_beta_fast", default: 32),
                slow: try positive(settings, "rope.scaling.yarn_beta_slow", default: 1),
                logMultiplier: Double(try settings.float("rope.scaling.yarn_log_multiplier", default: 0)))
        default:
            throw settings.impossible("rope.scaling.type", "\"\(type)\" is none of none, linear, yarn, longrope")
        }
    }

    private static func positive(
        _ settings: Hyperparameters, _ key: String, default fallback: Float
    ) throws(ModelError) -> Double {
        let value = try settings.float(key, default: fallback)
        guard value > 0 else { throw settings.impossible(key, "\(value) is not above zero") }
        return Double(value)
    }
}

extension WeightSource {
    /// The factors that divide the rotation's frequencies: Llama 3's, or Phi's long ones where the context needs them.
    package func rotaryFactors(
        _ rotary: RotaryEmbedding, _ contextLength: Int
    ) throws(ModelError) -> Vector? {
        let pairs = rotary.dimensions / 2
        if let factors = try vector(ifPresent: "rope_freqs.weight", pairs) { return factors }
        let name = contextLength > rotary.originalContext ? "rope_factors_long" : "rope_factors_short"
        return try vector(ifPresent: name + ".weight", pairs)
    }
}
