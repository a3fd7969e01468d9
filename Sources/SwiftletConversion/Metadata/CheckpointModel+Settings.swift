import SwiftletGround
import SwiftletModelFiles

extension CheckpointModel {
    /// A key of this architecture: `llama.block_count`.
    func key(_ name: String) -> String { "\(architecture.name).\(name)" }

    /// The settings that decoders share, in the reference converter's order (base.py, `TextModel.set_gguf_parameters`).
    func writeCommonSettings(into metadata: inout GGUFMetadata) throws(ConversionError) {
        let settings = configuration
        func write(_ name: String, _ keys: String...) throws(ConversionError) {
            guard let (key, _) = settings.value(keys), let value = try settings.integer(ifPresent: key) else { return }
            metadata[self.key(name)] = .uint32(UInt32(value))
        }
        func write(number name: String, _ keys: String...) throws(ConversionError) {
            guard let (key, _) = settings.value(keys), let value = try settings.number(ifPresent: key) else { return }
            metadata[self.key(name)] = .float32(Float(value))
        }
        metadata[key("block_count")] = .uint32(UInt32(try settings.blockCount))
        try write(
            "context_length", "max_position_embeddings", "n_ctx", "n_positions", "max_length", "max_sequence_length",
            "model_max_length")
        try write("embedding_length", "hidden_size", "n_embd", "dim")
        try write(
            "feed_forward_length", "prefix_dense_intermediate_size", "dense_intermediate_size", "intermediate_size",
            "n_inner", "hidden_dim")
        try write("attention.head_count", "num_attention_heads", "n_head", "n_heads")
        try write("attention.head_count_kv", "num_key_value_heads", "n_kv_heads")
        if settings["is_causal"]?.bool == false { metadata[key("attention.causal")] = .bool(false) }
        try writeRopeScaling(into: &metadata)
        if let base = try rope.number("rope_theta") { metadata[key("rope.freq_base")] = .float32(Float(base)) }
        if let base = rope.localBase { metadata[key("rope.freq_base_swa")] = .float32(Float(base)) }
        try write(number: "attention.layer_norm_rms_epsilon", "rms_norm_eps", "norm_eps")
        try write(number: "attention.layer_norm_epsilon", "layer_norm_eps", "layer_norm_epsilon", "norm_epsilon")
        try write("expert_count", "num_local_experts", "num_experts", "n_routed_experts")
        try write("expert_used_count", "num_experts_per_tok", "num_experts_per_token", "top_k_experts")
        try write("expert_group_count", "n_group")
        try write("expert_group_used_count", "topk_group")
        try write("attention.key_length", "head_dim")
        try write("attention.value_length", "head_dim")
        writeFileType(into: &metadata)
    }

    func writeFileType(into metadata: inout GGUFMetadata) {
        metadata["general.file_type"] = .uint32(fileType.rawValue)
    }

    private func writeRopeScaling(into metadata: inout GGUFMetadata) throws(ConversionError) {
        guard let type = rope.type else { return }
        switch type {
        case "linear":
            guard let factor = try rope.number("factor") else { return }
            metadata[key("rope.scaling.type")] = .string("linear")
            metadata[key("rope.scaling.factor")] = .float32(Float(factor))
        case "yarn":
            guard let factor = try rope.number("factor") else { return }
            metadata[key("rope.scaling.type")] = .string("yarn")
            metadata[key("rope.scaling.factor")] = .float32(Float(factor))
            guard let length = try rope.integer("original_max_position_embeddings") else {
                throw configuration.missing("rope_scaling.original_max_position_embeddings")
            }
            metadata[key("rope.scaling.original_context_length")] = .uint32(UInt32(length))
            let options = [
                ("yarn_ext_factor", try rope.number("extrapolation_factor")),
                ("yarn_attn_factor", try rope.number("attention_factor", "attn_factor")),
                ("yarn_beta_fast", try rope.number("beta_fast")), ("yarn_beta_slow", try rope.number("beta_slow")),
            ]
            for case (let name, let value?) in options {
                metadata[key("rope.scaling.\(name)")] = .float32(Float(value))
            }
        case "su", "longrope": metadata[key("rope.scaling.type")] = .string("longrope")
        // `llama3` becomes a tensor of factors; what else is unknown is left out by the reference converter too.
        default:
            guard ["default", "none", "dynamic"].contains(type) || type.lowercased() == "llama3" else {
                throw ConversionError(
                    .unsupported, "RoPE scaling of type \"\(type)\" is unknown", at: "config.json, rope_scaling")
            }
        }
    }

    /// `<architecture>.pooling_type` from the modules of a sentence-transformers model, where there are any.
    func writePooling(into metadata: inout GGUFMetadata) throws(ConversionError) {
        guard let modules = try checkpoint.json("modules.json")?.array,
            let path = modules.first(where: { $0["type"]?.string?.hasSuffix("Pooling") == true })?["path"]?.string
        else { return }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(".."), !path.hasPrefix("/"), !path.utf8.contains(0) else {
            throw ConversionError(.malformed, "the path \(path) leaves the folder", at: "modules.json")
        }
        guard let pooling = try checkpoint.json("\(path)/config.json") else {
            throw ConversionError(.missing, "the file that modules.json names is missing", at: "\(path)/config.json")
        }
        let modes: [(String, String, UInt32)] = [
            ("pooling_mode_mean_tokens", "mean", 1), ("pooling_mode_cls_token", "cls", 2),
            ("pooling_mode_lasttoken", "lasttoken", 3),
        ]
        guard
            let mode = modes.first(where: { pooling[$0.0]?.bool == true })
                ?? modes.first(where: { pooling["pooling_mode"]?.string == $0.1 })
        else {
            throw ConversionError(
                .unsupported, "only pooling by mean, CLS and last token is converted", at: "\(path)/config.json")
        }
        metadata[key("pooling_type")] = .uint32(mode.2)
    }
}
