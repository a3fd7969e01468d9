import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// The `config.json` of an exported model, out of the metadata of its GGUF file.
struct ExportedSettings {
    private let model: ExportedModel
    private var metadata: GGUFMetadata { model.file.metadata }
    private var name: String { model.architecture.name }

    init(_ model: ExportedModel) { self.model = model }

    func configuration() throws(ConversionError) -> JSONObject {
        var settings = JSONObject()
        let isMixtral = name == "llama" && model.expertCount > 0
        let className = isMixtral ? "MixtralForCausalLM" : model.architecture.classes[0]
        settings["architectures"] = .array([.string(className)])
        settings["model_type"] = .string(isMixtral ? "mixtral" : model.architecture.modelType)
        for (key, setting) in Self.integers { settings[setting] = try integer(key).map { .integer(Int64($0)) } }
        for (key, setting) in Self.numbers { settings[setting] = try number(key).map { .number($0) } }
        if let window = settings["sliding_window"]?.integer, window == 0 { settings["sliding_window"] = .null }
        if let embeddings = model.file.tensor(named: "token_embd.weight") {
            settings["vocab_size"] = .integer(Int64(embeddings.rows))
        }
        settings["tie_word_embeddings"] = .bool(model.file.tensor(named: "output.weight") == nil)
        settings["torch_dtype"] = .string(dtype)
        for (key, setting) in Self.tokens {
            if let id = metadata["tokenizer.ggml." + key]?.integer { settings[setting] = .integer(Int64(clamping: id)) }
        }
        try writeRope(into: &settings)
        for member in try model.architecture.exportedSettings(metadata) { settings[member.key] = member.value }
        return settings
    }

    private static let integers = [
        ("embedding_length", "hidden_size"), ("block_count", "num_hidden_layers"),
        ("feed_forward_length", "intermediate_size"), ("attention.head_count", "num_attention_heads"),
        ("attention.head_count_kv", "num_key_value_heads"), ("context_length", "max_position_embeddings"),
        ("attention.key_length", "head_dim"), ("expert_count", "num_local_experts"),
        ("expert_used_count", "num_experts_per_tok"), ("attention.sliding_window", "sliding_window"),
        ("expert_shared_feed_forward_length", "shared_intermediate_size"),
    ]
    private static let numbers = [
        ("attention.layer_norm_rms_epsilon", "rms_norm_eps"), ("attention.layer_norm_epsilon", "layer_norm_eps"),
        ("rope.freq_base", "rope_theta"), ("rope.freq_base_swa", "rope_local_base_freq"),
        ("attn_logit_softcapping", "attn_logit_softcapping"), ("final_logit_softcapping", "final_logit_softcapping"),
    ]
    private static let tokens = [
        ("bos_token_id", "bos_token_id"), ("eos_token_id", "eos_token_id"), ("padding_token_id", "pad_token_id"),
        ("token_type_count", "type_vocab_size"),
    ]

    /// The type of most weights, as PyTorch names it.
    private var dtype: String {
        let types = model.file.tensors.filter { $0.dimensions.count > 1 }.map(\.type)
        if types.contains(.bf16) { return "bfloat16" }
        return types.allSatisfy { $0 == .f32 } ? "float32" : "float16"
    }

    private func writeRope(into settings: inout JSONObject) throws(ConversionError) {
        var scaling = JSONObject()
        if case .string(let type)? = metadata["\(name).rope.scaling.type"], let type = type.text, type != "none" {
            scaling["rope_type"] = .string(type)
        }
        let keys = [
            ("factor", "factor"), ("yarn_ext_factor", "extrapolation_factor"), ("yarn_attn_factor", "attention_factor"),
            ("yarn_beta_fast", "beta_fast"), ("yarn_beta_slow", "beta_slow"), ("yarn_log_multiplier", "mscale_all_dim"),
        ]
        for (key, setting) in keys { scaling[setting] = try number("rope.scaling." + key).map { .number($0) } }
        if let length = try integer("rope.scaling.original_context_length") {
            scaling["original_max_position_embeddings"] = .integer(Int64(length))
            settings["original_max_position_embeddings"] = .integer(Int64(length))
        }
        if let scale = try number("attention.temperature_scale") { scaling["llama_4_scaling_beta"] = .number(scale) }
        for (tensor, setting) in [("rope_factors_long", "long_factor"), ("rope_factors_short", "short_factor")] {
            if let factors = factors(tensor) {
                scaling[setting] = .array(factors)
                scaling["rope_type"] = "longrope"
            }
        }
        if let factors = factors("rope_freqs") {
            scaling["rope_type"] = "llama3"
            // Llama 3's four parameters cannot be told from the factors that they make.
            scaling["factors"] = .array(factors)
        }
        if let dimensions = try integer("rope.dimension_count"), name == "phi3",
            let width = settings["hidden_size"]?.integer, dimensions * model.headCount != width, width > 0
        {
            settings["partial_rotary_factor"] = .number(Double(dimensions * model.headCount) / Double(width))
        }
        guard !scaling.isEmpty else { return }
        if let type = scaling["rope_type"] { scaling["type"] = type }
        settings["rope_scaling"] = .object(scaling)
    }

    private func factors(_ tensor: String) -> [JSONValue]? {
        model.file.tensor(named: tensor + ".weight").map { view in view.decoded().map { .number(shortest($0)) } }
    }

    private func integer(_ key: String) throws(ConversionError) -> Int? {
        let full = "\(name).\(key)"
        do {
            if case .array? = metadata[full] {
                let list: [Int] = try metadata.integers(full)
                guard let first = list.first, list.allSatisfy({ $0 == first }) else {
                    throw ConversionError(
                        .unsupported, "layers of different sizes are not exported", at: "key \(full)")
                }
                return first
            }
            return try metadata.integer(ifPresent: full)
        } catch let error as ConversionError {
            throw error
        } catch {
            throw ConversionError(.malformed, "the setting cannot be read", at: "key \(full)", cause: error)
        }
    }

    private func number(_ key: String) throws(ConversionError) -> Double? {
        do throws(ModelFileError) {
            return try metadata.float(ifPresent: "\(name).\(key)").map { shortest($0) }
        } catch {
            throw ConversionError(error, .malformed)
        }
    }
}
