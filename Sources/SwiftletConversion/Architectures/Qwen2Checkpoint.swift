import SwiftletGround
import SwiftletModelFiles

/// Qwen2 and Qwen2.5, also DeepSeek-R1's distillations to them (conversion/qwen.py).
enum Qwen2Checkpoint: QwenLike {
    // Who it is
    static let name = "qwen2"
    static let classes = ["Qwen2ForCausalLM", "Qwen2Model", "KORMoForCausalLM"]
    static let defaults: JSONObject = [
        "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "max_position_embeddings": 32768, "num_key_value_heads": 32,
    ]

    // The way back
    static let modelType = "qwen2"
}

/// What the generations of Qwen share.
protocol QwenLike: CheckpointArchitecture {}

extension QwenLike {
    // Settings
    static func writeSettings(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        try model.writeCommonSettings(into: &metadata)
        try model.writePooling(into: &metadata)
    }

    // Vocabulary
    static func writeVocabulary(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        let writer = VocabularyWriter(model)
        if model.checkpoint.has("tokenizer.model") {
            try writer.writeSentencePiece(into: &metadata)
        } else {
            try writer.writeBytePair(into: &metadata)
        }
    }

    // Tensors
    static func converted(_ tensor: NamedWeight, _ model: CheckpointModel) throws(ConversionError) -> [NamedWeight] {
        var tensor = tensor
        // Bare encoders, as embedding models have them, leave out the outer name.
        if ["Qwen2Model", "Qwen3Model"].contains(model.configuration.className) {
            tensor.name = "model." + tensor.name
        }
        return [try renamed(tensor)]
    }
}
