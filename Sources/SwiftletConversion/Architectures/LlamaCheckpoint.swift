import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// Llama 2 and 3, TinyLlama, SmolLM2, Mistral 7B, and Mixtral (conversion/llama.py).
enum LlamaCheckpoint: LlamaLike {
    // Who it is
    static let name = "llama"
    static let classes = [
        "LlamaForCausalLM", "LLaMAForCausalLM", "MistralForCausalLM", "MixtralForCausalLM", "LlamaModel",
    ]
    static let defaults: JSONObject = ["rms_norm_eps": 1e-6, "rope_theta": 10000.0]

    // Settings
    static func writeSettings(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        var model = model
        // Llama's own configuration works out the size of heads; those of Mistral and Mixtral leave it open.
        if model.configuration.className.lowercased().hasPrefix("llama") {
            model.configuration["head_dim"] = .integer(Int64(try model.configuration.headSize))
        }
        try writeLlamaSettings(model, into: &metadata)
    }

    // Tensors
    static let names = LlamaNames.withExperts

    // The way back
    static let modelType = "llama"
}

/// What the architectures made of Llama's blocks share: query and key rows in pairs of neighbours, Llama 3's factors.
protocol LlamaLike: CheckpointArchitecture {}

enum LlamaNames {
    static let withExperts = TensorNames.decoder.with([
        ("model.layers.{}.block_sparse_moe.gate", "blk.{}.ffn_gate_inp"),
        ("model.layers.{}.block_sparse_moe.experts.w1", "blk.{}.ffn_gate_exps"),
        ("model.layers.{}.block_sparse_moe.experts.w2", "blk.{}.ffn_down_exps"),
        ("model.layers.{}.block_sparse_moe.experts.w3", "blk.{}.ffn_up_exps"),
        ("model.layers.{}.mlp.gate", "blk.{}.ffn_gate_inp"),
        ("model.layers.{}.mlp.experts.gate_proj", "blk.{}.ffn_gate_exps"),
        ("model.layers.{}.mlp.experts.down_proj", "blk.{}.ffn_down_exps"),
        ("model.layers.{}.mlp.experts.up_proj", "blk.{}.ffn_up_exps"),
    ])
}

extension LlamaLike {
    // Settings
    static func writeSettings(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        try writeLlamaSettings(model, into: &metadata)
    }

    static func writeLlamaSettings(
        _ model: CheckpointModel, into metadata: inout GGUFMetadata
    ) throws(ConversionError) {
        try model.writeCommonSettings(into: &metadata)
        guard let size = try model.configuration.vocabularySize else { throw model.configuration.missing("vocab_size") }
        metadata[model.key("vocab_size")] = .uint32(UInt32(size))
        metadata[model.key("rope.dimension_count")] = .uint32(UInt32(try model.configuration.headSize))
    }

    // Vocabulary
    static func writeVocabulary(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        let settings = try model.checkpoint.json("tokenizer_config.json")
        if let prefix = settings?["add_prefix_space"]?.bool {
            metadata["tokenizer.ggml.add_space_prefix"] = .bool(prefix)
        }
        try VocabularyWriter(model).writeAny(into: &metadata)
        switch try model.configuration.vocabularySize {
        case 32016:
            // Code Llama's tokens to fill in the middle.
            for (role, token) in [("prefix", 32007), ("suffix", 32008), ("middle", 32009), ("eot", 32010)]
                as [(String, UInt32)]
            {
                metadata["tokenizer.ggml.\(role)_token_id"] = .uint32(token)
            }
        case 49152: metadata["tokenizer.ggml.add_bos_token"] = .bool(false)
        default: break
        }
    }

    // Tensors
    static func generatedTensors(_ model: CheckpointModel) throws(ConversionError) -> [NamedWeight] {
        guard model.rope.type?.lowercased() == "llama3" else { return [] }
        if let factors = try model.rope.list("factors") {
            return [NamedWeight(name: "rope_freqs.weight", weight: Weight(factors))]
        }
        return [NamedWeight(name: "rope_freqs.weight", weight: Weight(try llama3Factors(model)))]
    }

    static func filtered(_ name: String) -> String? {
        guard let name = withoutWrapping(name.replacing("text_model.", with: "")) else { return nil }
        return name
    }

    static func converted(_ tensor: NamedWeight, _ model: CheckpointModel) throws(ConversionError) -> [NamedWeight] {
        try convertedLlama(tensor, model)
    }

    static func convertedLlama(
        _ tensor: NamedWeight, _ model: CheckpointModel
    ) throws(ConversionError) -> [NamedWeight] {
        var tensor = tensor
        if model.configuration.className == "LlamaModel" { tensor.name = "model." + tensor.name }
        var result = try renamed(tensor)
        if let heads = try pairedHeads(tensor.name, model.configuration) {
            guard result.weight.shape[0] % (2 * heads) == 0 else {
                throw ConversionError(
                    .malformed, "\(result.weight.shape[0]) rows are no \(heads) heads of pairs",
                    at: "tensor \(tensor.name)")
            }
            result.weight = result.weight.neighbouringPairs(heads: heads)
        }
        return [result]
    }

    /// How many heads the tensor's rows belong to, if they are turned by RoPE.
    private static func pairedHeads(
        _ name: String, _ configuration: CheckpointConfiguration
    ) throws(ConversionError) -> Int? {
        if name.hasSuffix("q_proj.weight") || name.hasSuffix("q_proj.bias") { return try configuration.headCount }
        if name.hasSuffix("k_proj.weight") || name.hasSuffix("k_proj.bias") {
            return try configuration.keyValueHeadCount
        }
        return nil
    }

    /// Divisors of RoPE's frequencies (transformers, `_compute_llama3_parameters`; llama.py, `generate_extra_tensors`).
    private static func llama3Factors(_ model: CheckpointModel) throws(ConversionError) -> [Float] {
        let base = try model.rope.number("rope_theta") ?? 10000
        let size = try model.configuration.headSize
        let factor = try model.rope.number("factor") ?? 8
        let low = try model.rope.number("low_freq_factor") ?? 1
        let high = try model.rope.number("high_freq_factor") ?? 4
        let length = try model.rope.number("original_max_position_embeddings") ?? 8192
        return stride(from: 0, to: size, by: 2).map { element in
            // In single precision where PyTorch computes so.
            let frequency = 1 / Float(pow(base, Double(Float(element) / Float(size))))
            let wave = 1 / frequency * Float(2 * Double.pi)
            if Double(wave) < length / high { return 1 }
            if Double(wave) > length / low { return Float(factor) }
            let smooth = (1 / wave * Float(length) - Float(low)) / Float(high - low)
            return 1 / ((1 - smooth) / Float(factor) + smooth)
        }
    }

    // The way back
    static func exported(_ tensor: NamedWeight, _ file: ExportedModel) throws(ConversionError) -> [NamedWeight] {
        try exportedLlama(tensor, file)
    }

    static func exportedLlama(_ tensor: NamedWeight, _ file: ExportedModel) throws(ConversionError) -> [NamedWeight] {
        if tensor.name == "rope_freqs.weight" { return [] }
        if let (stem, rest) = try file.experts(tensor) {
            return (0..<tensor.weight.shape[0]).map { expert in
                var part = tensor.weight.outer(expert..<expert + 1)
                part.shape.removeFirst()
                return NamedWeight(name: "\(stem)\(expert)\(rest)", weight: part)
            }
        }
        var result = try exportRenamed(tensor)
        let isScale = tensor.name.hasSuffix("scale")
        for (part, heads) in [(".attn_q.", file.headCount), (".attn_k.", file.keyValueHeadCount)]
        where tensor.name.contains(part) && !isScale {
            guard result.weight.shape[0] % (2 * heads) == 0 else {
                throw ConversionError(
                    .malformed, "\(result.weight.shape[0]) rows are no \(heads) heads of pairs",
                    at: "tensor \(tensor.name)")
            }
            result.weight = result.weight.halfPairs(heads: heads)
        }
        return [result]
    }
}
