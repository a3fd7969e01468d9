import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

enum GraniteNames {
    static let all = TensorNames.decoder.with([
        ("model.layers.{}.block_sparse_moe.router.layer", "blk.{}.ffn_gate_inp"),
        ("model.layers.{}.block_sparse_moe.output_linear", "blk.{}.ffn_down_exps"),
        ("model.layers.{}.shared_mlp.output_linear", "blk.{}.ffn_down_shexp"),
        // Scales of what checkpoints fuse.
        ("model.layers.{}.block_sparse_moe.gate", "blk.{}.ffn_gate_exps"),
        ("model.layers.{}.block_sparse_moe.up", "blk.{}.ffn_up_exps"),
        ("model.layers.{}.shared_mlp.gate", "blk.{}.ffn_gate_shexp"),
        ("model.layers.{}.shared_mlp.up", "blk.{}.ffn_up_shexp"),
    ])
}

/// Gates and ups of experts, and of the shared expert, which checkpoints store as one tensor.
extension GraniteLike {
    static func converted(_ tensor: NamedWeight, _ model: CheckpointModel) throws(ConversionError) -> [NamedWeight] {
        let layer = TensorNames.layer(of: tensor.name) ?? 0
        if tensor.name.hasSuffix("block_sparse_moe.input_linear.weight") {
            let length = try fusedLength(tensor, model, "intermediate_size", dimensions: 3)
            return [
                NamedWeight(name: "blk.\(layer).ffn_gate_exps.weight", weight: tensor.weight.second(0..<length)),
                NamedWeight(name: "blk.\(layer).ffn_up_exps.weight", weight: tensor.weight.second(length..<2 * length)),
            ]
        }
        let isMixture = try model.configuration.integer(ifPresent: "num_local_experts") ?? 0 > 0
        let suffix = isMixture ? "_shexp" : ""
        if tensor.name.hasSuffix("shared_mlp.input_linear.weight") {
            let length = try fusedLength(tensor, model, "shared_intermediate_size", dimensions: 2)
            return [
                NamedWeight(name: "blk.\(layer).ffn_gate\(suffix).weight", weight: tensor.weight.outer(0..<length)),
                NamedWeight(
                    name: "blk.\(layer).ffn_up\(suffix).weight", weight: tensor.weight.outer(length..<2 * length)),
            ]
        }
        if !isMixture, tensor.name.hasSuffix("shared_mlp.output_linear.weight") {
            return [NamedWeight(name: "blk.\(layer).ffn_down.weight", weight: tensor.weight)]
        }
        return try convertedLlama(tensor, model)
    }

    /// The length of each half of a gate and an up that lie below each other.
    private static func fusedLength(
        _ tensor: NamedWeight, _ model: CheckpointModel, _ key: String, dimensions: Int
    ) throws(ConversionError) -> Int {
        let length = try model.configuration.integer(key)
        let shape = tensor.weight.shape
        guard shape.count == dimensions, shape[dimensions - 2] == 2 * length else {
            throw ConversionError(
                .malformed, "the shape \(shape) does not go with \(key) = \(length)", at: "tensor \(tensor.name)")
        }
        return length
    }

    static func exported(_ tensor: NamedWeight, _ file: ExportedModel) throws(ConversionError) -> [NamedWeight] {
        let layer = TensorNames.layer(of: tensor.name) ?? 0
        let experts = "model.layers.\(layer).block_sparse_moe.input_linear.weight"
        let shared = "model.layers.\(layer).shared_mlp.input_linear.weight"
        for (suffix, name) in [("_exps.weight", experts), ("_shexp.weight", shared)] {
            if tensor.name.hasSuffix("ffn_up" + suffix) { return [] }
            guard tensor.name.hasSuffix("ffn_gate" + suffix) else { continue }
            let up = try file.weight(tensor.name.replacing("ffn_gate", with: "ffn_up"))
            return [NamedWeight(name: name, weight: .fused(tensor.weight, up))]
        }
        if tensor.name.hasSuffix("ffn_down_exps.weight") { return [try exportRenamed(tensor)] }
        return try exportedLlama(tensor, file)
    }
}
