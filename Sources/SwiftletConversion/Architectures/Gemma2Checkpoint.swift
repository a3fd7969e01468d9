import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// Gemma 2 (conversion/gemma.py).
enum Gemma2Checkpoint: GemmaLike {
    // Who it is
    static let name = "gemma2"
    static let classes = ["Gemma2ForCausalLM"]
    static let defaults: JSONObject = [
        "max_position_embeddings": 8192, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
        "rms_norm_eps": 1e-6, "sliding_window": 4096, "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0,
    ]

    // Settings
    static func writeSettings(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        let settings = model.configuration
        func write(_ name: String, _ key: String) throws(ConversionError) {
            metadata[model.key(name)] = .uint32(UInt32(try settings.integer(key)))
        }
        try write("context_length", "max_position_embeddings")
        try write("embedding_length", "hidden_size")
        metadata[model.key("block_count")] = .uint32(UInt32(try settings.blockCount))
        try write("feed_forward_length", "intermediate_size")
        try write("attention.head_count", "num_attention_heads")
        try write("attention.head_count_kv", "num_key_value_heads")
        metadata[model.key("attention.layer_norm_rms_epsilon")] = .float32(Float(try settings.number("rms_norm_eps")))
        try write("attention.key_length", "head_dim")
        try write("attention.value_length", "head_dim")
        model.writeFileType(into: &metadata)
        for (name, key) in [
            ("attn_logit_softcapping", "attn_logit_softcapping"),
            ("final_logit_softcapping", "final_logit_softcapping"),
        ] {
            metadata[model.key(name)] = .float32(Float(try settings.number(key)))
        }
        try write("attention.sliding_window", "sliding_window")
    }

    // Vocabulary
    static func writeVocabulary(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        try writeGemmaVocabulary(model, into: &metadata)
    }

    // Tensors
    static func filtered(_ name: String) -> String? {
        // The output layer is the embeddings; some quantizers write it all the same.
        name == "lm_head.weight" ? nil : withoutWrapping(name)
    }

    // The way back
    static let modelType = "gemma2"

    static func exportedSettings(_ file: GGUFMetadata) throws(ConversionError) -> JSONObject {
        ["hidden_activation": "gelu_pytorch_tanh", "hidden_act": "gelu_pytorch_tanh"]
    }
}

/// What the Gemma generations share: norms stored less one, norms on both sides of each half of a block.
protocol GemmaLike: CheckpointArchitecture {}

extension GemmaLike {
    // Vocabulary
    static func writeGemmaVocabulary(
        _ model: CheckpointModel, into metadata: inout GGUFMetadata
    ) throws(ConversionError) {
        try VocabularyWriter(model).writeAny(into: &metadata)
        if case .string("llama") = metadata["tokenizer.ggml.model"] {
            metadata["tokenizer.ggml.add_space_prefix"] = .bool(false)
        }
    }

    // Tensors
    static var names: TensorNames {
        TensorNames([
            ("model.layers.{}.post_attention_layernorm", "blk.{}.post_attention_norm"),
            ("model.layers.{}.pre_feedforward_layernorm", "blk.{}.ffn_norm"),
            ("model.layers.{}.post_feedforward_layernorm", "blk.{}.post_ffw_norm"),
            ("model.layers.{}.self_attn.q_norm", "blk.{}.attn_q_norm"),
            ("model.layers.{}.self_attn.k_norm", "blk.{}.attn_k_norm"),
        ]).with(.decoder)
    }

    static func converted(_ tensor: NamedWeight, _ model: CheckpointModel) throws(ConversionError) -> [NamedWeight] {
        [try convertedGemma(tensor)]
    }

    static func convertedGemma(_ tensor: NamedWeight) throws(ConversionError) -> NamedWeight {
        var result = try renamed(tensor)
        if tensor.name.hasSuffix("norm.weight") { result.weight = result.weight.adding(1) }
        return result
    }

    // The way back
    static func exported(_ tensor: NamedWeight, _ file: ExportedModel) throws(ConversionError) -> [NamedWeight] {
        var result = try exportRenamed(tensor)
        if tensor.name.hasSuffix("_norm.weight") { result.weight = result.weight.adding(-1) }
        return [result]
    }
}
