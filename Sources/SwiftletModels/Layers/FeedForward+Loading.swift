package import SwiftletTensors

extension FeedForward {
    /// The dense feed-forward layer `blk.N.ffn_*`; without `ffn_gate`, gate and up lie in `ffn_up` one after the other.
    /// `scaled`: whether the architecture's weights may carry scales (`blk.N.ffn_up.scale` ...).
    package init(
        _ weights: WeightSource, layer: Int, _ configuration: ModelConfiguration, activation: Activation, scaled: Bool
    ) throws(ModelError) {
        try self.init(
            weights, prefix: "blk.\(layer).ffn_", suffix: "", width: configuration.embeddingLength,
            inside: configuration.feedForwardLength, activation: activation, scaled: scaled)
    }

    /// The layer `<prefix>gate<suffix>`, `<prefix>up<suffix>`, `<prefix>down<suffix>`.
    package init(
        _ weights: WeightSource, prefix: String, suffix: String, width: Int, inside: Int, activation: Activation,
        scaled: Bool = false
    ) throws(ModelError) {
        let (gateName, upName) = (prefix + "gate" + suffix, prefix + "up" + suffix)
        let (gate, up): (Linear, Linear)
        if !weights.has(gateName + ".weight"), try weights.found(upName + ".weight").rows == 2 * inside {
            let parts = try weights.fused(upName, inputs: width, outputs: [inside, inside], scaled: scaled)
            (gate, up) = (parts[0], parts[1])
        } else {
            gate = try weights.feedForward(gateName, inputs: width, outputs: inside, scaled: scaled)
            up = try weights.feedForward(upName, inputs: width, outputs: inside, scaled: scaled)
        }
        let down = try weights.feedForward(prefix + "down" + suffix, inputs: inside, outputs: width, scaled: scaled)
        self.init(gate: gate, up: up, down: down, activation: activation)
    }
}

extension MixtureOfExperts {
    /// The mixture `blk.N.ffn_gate_inp`, `ffn_gate_exps`, `ffn_up_exps`, `ffn_down_exps`: `[experts, outputs, inputs]`.
    package init(
        _ weights: WeightSource, layer: Int, _ configuration: ModelConfiguration, activation: Activation, scaled: Bool
    ) throws(ModelError) {
        let (name, count) = ("blk.\(layer).ffn_", configuration.expertCount)
        let (width, inside) = (configuration.embeddingLength, try Self.expertLength(weights, configuration))
        router = try weights.linear(name + "gate_inp", inputs: width, outputs: count)
        let gate = try weights.tensor(name + "gate_exps.weight", count, inside, width)
        let up = try weights.tensor(name + "up_exps.weight", count, inside, width)
        let down = try weights.tensor(name + "down_exps.weight", count, width, inside)
        let gateScale = scaled ? try weights.vector(ifPresent: name + "gate_exps.scale", count) : nil
        let upScale = scaled ? try weights.vector(ifPresent: name + "up_exps.scale", count) : nil
        let downScale = scaled ? try weights.vector(ifPresent: name + "down_exps.scale", count) : nil
        experts = (0..<count).map { index in
            FeedForward(
                gate: Linear(weight: gate[outer: index], scale: gateScale?[index]),
                up: Linear(weight: up[outer: index], scale: upScale?[index]),
                down: Linear(weight: down[outer: index], scale: downScale?[index]), activation: activation)
        }
        used = configuration.expertsUsed
        let scale = try weights.settings.float("expert_weights_scale", default: 0)
        weightScale = scale == 0 ? 1 : scale
    }

    private static func expertLength(
        _ weights: WeightSource, _ configuration: ModelConfiguration
    ) throws(ModelError) -> Int {
        let own = try weights.settings.integer("expert_feed_forward_length", in: 0...(1 << 24), default: 0)
        return own > 0 ? own : configuration.feedForwardLength
    }
}
