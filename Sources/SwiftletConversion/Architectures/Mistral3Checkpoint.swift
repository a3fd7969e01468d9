import SwiftletGround
import SwiftletModelFiles

/// Mistral Small 3 and Ministral 3, their language model (conversion/mistral3.py).
enum Mistral3Checkpoint: LlamaLike {
    // Who it is
    static let name = "mistral3"
    static let classes = ["Ministral3ForCausalLM", "Mistral3ForConditionalGeneration"]
    static let defaults: JSONObject = ["rms_norm_eps": 1e-6, "rope_theta": 10000.0]

    // Settings
    static func writeSettings(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        try writeLlamaSettings(model, into: &metadata)
        guard try model.configuration.string("model_type") == "ministral3" else { return }
        guard model.rope.type == "yarn" else {
            throw ConversionError(
                .unsupported, "Ministral 3 needs RoPE scaling of type yarn", at: "config.json, rope_parameters")
        }
        let multiplier = try model.rope.number(required: "mscale_all_dim")
        let temperature = try model.rope.number(required: "llama_4_scaling_beta")
        metadata[model.key("rope.scaling.yarn_log_multiplier")] = .float32(Float(multiplier))
        metadata[model.key("attention.temperature_scale")] = .float32(Float(temperature))
    }

    // Tensors
    static let names = LlamaNames.withExperts

    // The way back
    static let modelType = "ministral3"

    static func exportedSettings(_ file: GGUFMetadata) throws(ConversionError) -> JSONObject {
        // Ministral 3 has YaRN and a temperature; the older models have neither.
        if case .string("yarn")? = file["\(name).rope.scaling.type"] { return [:] }
        return ["model_type": "mistral"]
    }
}
