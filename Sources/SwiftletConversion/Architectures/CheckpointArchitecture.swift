import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// How checkpoints of one architecture become GGUF files and back: a file each, in this reading order; a row each in
/// `CheckpointArchitectures`.
///
/// Names, settings and rearrangements are those of the reference converter (llama.cpp, conversion/*.py), so that other
/// programs read the files.
protocol CheckpointArchitecture: Sendable {
    // Who it is
    /// Under `general.architecture`.
    static var name: String { get }
    /// Under `architectures` in `config.json`; exports write the first.
    static var classes: [String] { get }
    /// What the model's own code assumes where `config.json` is silent.
    static var defaults: JSONObject { get }

    // Settings
    static func writeSettings(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError)

    // Vocabulary
    static func writeVocabulary(_ model: CheckpointModel, into metadata: inout GGUFMetadata) throws(ConversionError)

    // Tensors
    static var names: TensorNames { get }
    /// Tensors that no file of the checkpoint holds (RoPE factors); they come first.
    static func generatedTensors(_ model: CheckpointModel) throws(ConversionError) -> [NamedWeight]
    /// The name without what wrapping models put around it; nil for a tensor that is left out.
    static func filtered(_ name: String) -> String?
    /// What one tensor of the checkpoint becomes.
    static func converted(_ tensor: NamedWeight, _ model: CheckpointModel) throws(ConversionError) -> [NamedWeight]

    // The way back
    /// `model_type` of `config.json`.
    static var modelType: String { get }
    /// Settings of `config.json` that `CheckpointExport` does not write for all.
    static func exportedSettings(_ file: GGUFMetadata) throws(ConversionError) -> JSONObject
    /// What one tensor of the GGUF file becomes; none where it is part of another or of `config.json`.
    static func exported(_ tensor: NamedWeight, _ file: ExportedModel) throws(ConversionError) -> [NamedWeight]
}

/// A weight with its name, in a checkpoint or in a GGUF file.
struct NamedWeight: Sendable {
    var name: String
    var weight: Weight

    /// Throws unless there is at least a vector of one number.
    func checkShape() throws(ConversionError) {
        guard !weight.shape.isEmpty, weight.shape.allSatisfy({ $0 > 0 }) else {
            throw ConversionError(
                .malformed, "the shape is \(weight.shape), which holds no weights", at: "tensor \(name)",
                advice: "The file is damaged")
        }
    }
}

/// The table of architectures: one row each.
enum CheckpointArchitectures {
    static let all: [any CheckpointArchitecture.Type] = [
        LlamaCheckpoint.self, Mistral3Checkpoint.self, Qwen2Checkpoint.self, Qwen3Checkpoint.self,
        Gemma2Checkpoint.self, Gemma3Checkpoint.self, Phi3Checkpoint.self, SmolLM3Checkpoint.self,
        GraniteCheckpoint.self, GraniteMoECheckpoint.self, BertCheckpoint.self,
    ]

    static func find(className: String) throws(ConversionError) -> any CheckpointArchitecture.Type {
        guard let found = all.first(where: { $0.classes.contains(className) }) else {
            let known = all.flatMap { $0.classes }.sorted().joined(separator: ", ")
            throw ConversionError(
                .unsupported, "checkpoints of \(className) are not converted", at: "config.json, architectures",
                advice: "Swiftlet converts: \(known)")
        }
        return found
    }

    static func find(name: String) throws(ConversionError) -> any CheckpointArchitecture.Type {
        guard let found = all.first(where: { $0.name == name }) else {
            throw ConversionError(
                .unsupported, "architecture \"\(name)\" is not exported", at: "general.architecture",
                advice: "Swiftlet exports: \(all.map { $0.name }.sorted().joined(separator: ", "))")
        }
        return found
    }
}
