import SwiftletGround
import SwiftletModelFiles

// What most architectures do.
extension CheckpointArchitecture {
    static var defaults: JSONObject { [:] }
    static var names: TensorNames { .decoder }

    static func writeSettings(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError) {
        try model.writeCommonSettings(into: &metadata)
    }

    static func generatedTensors(_ model: CheckpointModel) throws(ConversionError) -> [NamedWeight] { [] }

    static func filtered(_ name: String) -> String? { Self.withoutWrapping(name) }

    static func converted(_ tensor: NamedWeight, _ model: CheckpointModel) throws(ConversionError) -> [NamedWeight] {
        [try renamed(tensor)]
    }

    static func exportedSettings(_ file: GGUFMetadata) throws(ConversionError) -> JSONObject { [:] }

    static func exported(_ tensor: NamedWeight, _ file: ExportedModel) throws(ConversionError) -> [NamedWeight] {
        [try exportRenamed(tensor)]
    }

    static func renamed(_ tensor: NamedWeight) throws(ConversionError) -> NamedWeight {
        guard let name = names.gguf(tensor.name) else {
            throw ConversionError(
                .unsupported, "architecture \"\(Self.name)\" has no place for the tensor", at: "tensor \(tensor.name)",
                advice: "The checkpoint is of another model than its config.json says")
        }
        return NamedWeight(name: name, weight: tensor.weight)
    }

    static func exportRenamed(_ tensor: NamedWeight) throws(ConversionError) -> NamedWeight {
        guard let name = names.checkpoint(tensor.name) else {
            throw ConversionError(
                .unsupported, "checkpoints of \"\(Self.name)\" have no place for the tensor",
                at: "tensor \(tensor.name)")
        }
        return NamedWeight(name: name, weight: tensor.weight)
    }

    /// Beginnings and parts of the names of what is not the language model (base.py, `TextModel.filter_tensors`).
    private static var foreignBeginnings: [String] {
        [
            "mlp", "vit.", "vpm.", "siglip2.", "conformer.", "merger.", "resampler.", "sound_encoder.",
            "sound_projection.", "speech_embeddings.",
        ]
    }
    private static var foreignParts: [String] {
        [
            "visual.", "vision.", "audio.", "talker.", "vision_", "audio_", "token2wav.", "code2wav.", "projector.",
            "pre_mm_projector_norm", "image_newline", "view_seperator", "patch_embed", "patch_merger.",
            "patch_merge_mlp.", "model.connector.",
        ]
    }
    private static var uselessEndings: [String] {
        [".attention.masked_bias", ".attention.bias", ".rotary_emb.inv_freq"]
    }

    /// The name inside the language model; nil for parts of other models and for buffers that are no weights.
    static func withoutWrapping(_ name: String) -> String? {
        if foreignBeginnings.contains(where: { name.hasPrefix($0) }) || foreignParts.contains(where: name.contains) {
            return nil
        }
        let name = name.replacing("language_model.", with: "")
        return uselessEndings.contains { name.hasSuffix($0) } ? nil : name
    }
}
