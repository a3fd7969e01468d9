import Foundation
import SwiftletGround
import SwiftletModelFiles

/// Phi-3, Phi-3.5 and Phi-4 mini (conversion/phi.py).
enum Phi3Checkpoint: CheckpointArchitecture {
    // Who it is
    static let name = "phi3"
    static let classes = ["Phi3ForCausalLM"]
    static let defaults: JSONObject = [
        "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "max_position_embeddings": 4096, "partial_rotary_factor": 1.0,
        "original_max_position_embeddings": 4096,
    ]

    // Settings
    static func writeSettings(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        let settings = model.configuration
        func write(_ name: String, _ value: Int) { metadata[model.key(name)] = .uint32(UInt32(value)) }
        write("context_length", try contextLength(model))
        write("rope.scaling.original_context_length", try originalLength(model))
        write("embedding_length", try settings.integer("hidden_size"))
        write("feed_forward_length", try settings.integer("intermediate_size"))
        write("block_count", try settings.blockCount)
        write("attention.head_count", try settings.headCount)
        write("attention.head_count_kv", try settings.keyValueHeadCount)
        metadata[model.key("attention.layer_norm_rms_epsilon")] = .float32(Float(try settings.number("rms_norm_eps")))
        write("rope.dimension_count", try rotatedDimensions(model))
        metadata[model.key("rope.freq_base")] = .float32(Float(try model.rope.number(required: "rope_theta")))
        model.writeFileType(into: &metadata)
        // Zero tells Phi-4 from the others, which have windows.
        write("attention.sliding_window", try settings.integer(ifPresent: "sliding_window") ?? 0)
    }

    private static func contextLength(_ model: CheckpointModel) throws(ConversionError) -> Int {
        guard let length = try model.configuration.integer(ifPresent: "n_positions", "max_position_embeddings") else {
            throw model.configuration.missing("max_position_embeddings")
        }
        return length
    }

    private static func originalLength(_ model: CheckpointModel) throws(ConversionError) -> Int {
        guard let length = try model.rope.integer("original_max_position_embeddings") else {
            throw model.configuration.missing("original_max_position_embeddings")
        }
        return length
    }

    private static func rotatedDimensions(_ model: CheckpointModel) throws(ConversionError) -> Int {
        let share = try model.rope.number("partial_rotary_factor") ?? 1
        guard share > 0, share <= 1 else {
            throw CheckpointConfiguration.failure("\(share) is no share of a head", "partial_rotary_factor")
        }
        return Int(share * Double(try model.configuration.integer("hidden_size"))) / (try model.configuration.headCount)
    }

    // Vocabulary
    static func writeVocabulary(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        try VocabularyWriter(model).writeAny(into: &metadata)
    }

    // Tensors
    static let names = TensorNames.decoder.with([
        ("model.layers.{}.self_attn.qkv_proj", "blk.{}.attn_qkv"),
        ("model.layers.{}.mlp.gate_up_proj", "blk.{}.ffn_up"),
    ])

    static func generatedTensors(_ model: CheckpointModel) throws(ConversionError) -> [NamedWeight] {
        guard let long = try model.rope.list("long_factor"), !long.isEmpty else { return [] }
        let count = try rotatedDimensions(model) / 2
        guard let short = try model.rope.list("short_factor"), short.count == count, long.count == count else {
            throw CheckpointConfiguration.failure("there must be \(count) long and short factors", "rope_scaling")
        }
        return [
            NamedWeight(name: "rope_factors_long.weight", weight: Weight(long)),
            NamedWeight(name: "rope_factors_short.weight", weight: Weight(short)),
        ]
    }

    /// The factor of attention that goes with long and short factors (LongRoPE, arXiv:2402.13753); nil without them,
    /// and in other architectures.
    static func attentionFactor(in model: CheckpointModel) throws(ConversionError) -> Double? {
        guard model.architecture == Self.self, let long = try model.rope.list("long_factor"), !long.isEmpty else {
            return nil
        }
        let original = Double(try originalLength(model))
        let scale = Double(try contextLength(model)) / original
        switch model.rope.type?.lowercased() {
        case "su", "longrope": return scale > 1 ? (1 + log(scale) / log(original)).squareRoot() : 1
        case "yarn": return scale > 1 ? 0.1 * log(scale) + 1 : 1
        case let other:
            throw ConversionError(
                .unsupported, "RoPE scaling of type \"\(other ?? "none")\" is unknown", at: "config.json, rope_scaling")
        }
    }

    // The way back
    static let modelType = "phi3"

    static func exported(_ tensor: NamedWeight, _ file: ExportedModel) throws(ConversionError) -> [NamedWeight] {
        tensor.name.hasPrefix("rope_factors_") ? [] : [try exportRenamed(tensor)]
    }
}
