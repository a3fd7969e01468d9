import SwiftletGround

/// Puts experts that a checkpoint stores one by one into one weight, `[experts, outputs, inputs]`.
///
/// A layer's stacks come when its last expert has come, as in the reference converter (llama.py, qwen.py).
struct ExpertStacks {
    private var layers: [Int: [String: Weight]] = [:]

    /// The names of experts' weights in the order of the output, by what contains them.
    private static let families: [(marker: String, parts: [String])] = [
        (".block_sparse_moe.experts.", ["w1", "w2", "w3"]),
        (".mlp.experts.", ["down_proj", "gate_proj", "up_proj"]),
    ]

    /// The tensor itself if it is of no single expert; else nothing, or the stacks that it makes complete.
    mutating func collected(
        _ tensor: NamedWeight, _ configuration: CheckpointConfiguration
    ) throws(ConversionError) -> [NamedWeight] {
        guard let (marker, parts) = Self.families.first(where: { tensor.name.contains($0.marker) }),
            let layer = TensorNames.layer(of: tensor.name),
            let rest = tensor.name.split(separator: marker, maxSplits: 1).last?.split(separator: "."),
            rest.count == 3, Int(rest[0]) != nil
        else { return [tensor] }
        guard
            let count = try configuration.integer(
                ifPresent: "num_local_experts", "num_experts", "n_routed_experts", in: 1...4096)
        else { throw configuration.missing("num_local_experts") }
        let key = rest.dropLast().joined(separator: ".")
        layers[layer, default: [:]][key] = tensor.weight
        guard let collected = layers[layer], collected.count >= count * parts.count else { return [] }
        layers[layer] = nil
        var stacks: [NamedWeight] = []
        for part in parts {
            var experts: [Weight] = []
            for expert in 0..<count {
                guard let weight = collected["\(expert).\(part)"] else {
                    throw ConversionError(
                        .missing, "expert \(expert) has no \(part)", at: "layer \(layer)",
                        advice: "A file of the checkpoint is missing or damaged")
                }
                guard weight.shape == experts.first?.shape ?? weight.shape else {
                    throw ConversionError(
                        .malformed, "experts have shapes \(experts[0].shape) and \(weight.shape)",
                        at: "layer \(layer), expert \(expert), \(part)")
                }
                experts.append(weight)
            }
            stacks.append(
                NamedWeight(name: "model.layers.\(layer)\(marker)\(part).weight", weight: .stacked(experts)))
        }
        return stacks
    }

    /// Throws if experts are left over.
    func checkComplete() throws(ConversionError) {
        guard let (layer, left) = layers.min(by: { $0.key < $1.key }) else { return }
        throw ConversionError(
            .missing, "experts are missing: only \(left.count) of their weights are there", at: "layer \(layer)",
            advice: "A file of the checkpoint is missing, or config.json has another number of experts")
    }
}
