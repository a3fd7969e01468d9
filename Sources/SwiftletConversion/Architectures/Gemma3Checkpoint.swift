import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// Gemma 3's language model (conversion/gemma.py).
enum Gemma3Checkpoint: GemmaLike {
    // Who it is
    static let name = "gemma3"
    static let classes = ["Gemma3ForCausalLM", "Gemma3ForConditionalGeneration"]
    static let defaults: JSONObject = [
        "max_position_embeddings": 131072, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
        "rms_norm_eps": 1e-6, "sliding_window": 4096, "rope_theta": 1_000_000.0, "rope_local_base_freq": 10000.0,
    ]

    // Settings
    static func writeSettings(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        try model.writeCommonSettings(into: &metadata)
        if try model.configuration.number(ifPresent: "attn_logit_softcapping") != nil {
            throw ConversionError(
                .unsupported, "Gemma 3 has no soft cap in its attention", at: "config.json, attn_logit_softcapping")
        }
        if let cap = try model.configuration.number(ifPresent: "final_logit_softcapping"), cap != 0 {
            metadata[model.key("final_logit_softcapping")] = .float32(Float(cap))
        }
        if try model.configuration.integer(ifPresent: "sliding_window_pattern") != 1 {
            let window = try model.configuration.integer("sliding_window")
            metadata[model.key("attention.sliding_window")] = .uint32(UInt32(window))
        }
    }

    // Vocabulary
    static func writeVocabulary(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        try writeGemmaVocabulary(model, into: &metadata)
    }

    // Tensors
    static func converted(_ tensor: NamedWeight, _ model: CheckpointModel) throws(ConversionError) -> [NamedWeight] {
        var result = try convertedGemma(tensor)
        // Rows past the vocabulary belong to the vision model.
        if result.name == "token_embd.weight", let count = try VocabularyWriter(model).tokenCount {
            result.weight = result.weight.outer(0..<min(count, result.weight.shape[0]))
        }
        return [result]
    }

    // The way back
    static let modelType = "gemma3_text"

    static func exportedSettings(_ file: GGUFMetadata) throws(ConversionError) -> JSONObject {
        ["hidden_activation": "gelu_pytorch_tanh", "attn_logit_softcapping": nil]
    }
}
