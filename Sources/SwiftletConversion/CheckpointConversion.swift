import Foundation
public import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// The type in which matrices are written; what is small or sensitive is always F32.
public enum OutputType: String, Sendable, CaseIterable {
    case f32, f16, bf16
    /// That of the checkpoint's first matrix in 16 bits, else F16.
    case auto
}

extension Checkpoint {
    /// The GGUF file that this checkpoint becomes, with the metadata and the tensors of the reference converter
    /// (llama.cpp, convert_hf_to_gguf.py), in its order. Reads settings and vocabulary, but no weights.
    ///
    /// Throws if the architecture, the tokenizer or the quantization is unknown, or settings, files and weights
    /// contradict each other. `vocabulary` false leaves the tokenizer out, for models that are only run on token ids.
    public func converted(
        to type: OutputType = .auto, vocabulary: Bool = true
    ) throws(ConversionError) -> ConvertedModel {
        let model = try CheckpointModel(self, type)
        let tensors = try model.tensors().map { ($0.name, model.outputType($0.name, $0.weight), $0.weight) }
        var metadata = GGUFMetadata()
        metadata["general.architecture"] = .string(model.architecture.name)
        if let factor = try Phi3Checkpoint.attentionFactor(in: model) {
            metadata[model.key("rope.scaling.attn_factor")] = .float32(Float(factor))
        }
        metadata["general.type"] = .string("model")
        let parameters = SizeLabel.count(tensors.map { ($0.0, $0.2.shape) })
        let settings = try json("config.json") ?? .null
        try GeneralMetadata(folder: folder, configuration: settings, parameters).write(into: &metadata)
        try model.architecture.writeSettings(model, into: &metadata)
        metadata["general.quantization_version"] = .uint32(2)
        if vocabulary {
            try model.architecture.writeVocabulary(model, into: &metadata)
        } else {
            metadata["tokenizer.ggml.model"] = .string("none")
        }
        try model.check(tensors.map { NamedWeight(name: $0.0, weight: $0.2) }, metadata)
        return try ConvertedModel(metadata: metadata, tensors, from: urls)
    }
}

extension CheckpointModel {
    /// Throws unless embeddings and vocabulary go together, and every layer that config.json promises is there.
    func check(_ tensors: [NamedWeight], _ metadata: GGUFMetadata) throws(ConversionError) {
        guard let embeddings = tensors.first(where: { $0.name == "token_embd.weight" }) else {
            throw ConversionError(
                .missing, "the checkpoint has no token embeddings", at: checkpoint.folder.lastPathComponent,
                advice: "A file of the checkpoint is missing, or it is an adapter")
        }
        if let width = try configuration.integer(ifPresent: "hidden_size"), embeddings.weight.columns != width {
            throw ConversionError(
                .malformed, "the shape is \(embeddings.weight.shape), but config.json says hidden_size \(width)",
                at: "tensor \(embeddings.name)")
        }
        if case .array(let tokens)? = metadata["tokenizer.ggml.tokens"], tokens.count > embeddings.weight.shape[0] {
            throw ConversionError(
                .malformed,
                "the vocabulary has \(tokens.count) tokens, the embeddings only \(embeddings.weight.shape[0])",
                at: "tensor \(embeddings.name)", advice: "The tokenizer is of another model than the weights")
        }
        let layers = Set(tensors.compactMap { TensorNames.layer(of: $0.name) })
        let count = try configuration.blockCount
        if let missing = (0..<count).first(where: { !layers.contains($0) }) {
            throw ConversionError(
                .missing, "the weights of layer \(missing) are missing; config.json says \(count) layers",
                at: checkpoint.folder.lastPathComponent, advice: "A file of the checkpoint is missing")
        }
        if let extra = layers.first(where: { $0 >= count }) {
            throw ConversionError(
                .malformed, "there are weights of layer \(extra), but config.json says \(count) layers",
                at: checkpoint.folder.lastPathComponent)
        }
    }
}
