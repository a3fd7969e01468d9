public import Foundation
import SwiftletGround
public import SwiftletModelFiles
import SwiftletTensors

/// Writes a GGUF file as a Hugging Face checkpoint: config.json, model.safetensors and a tokenizer.
///
/// Tensors in F32, F16 and BF16 keep every bit, so that converting the checkpoint gives them again; quantized ones are
/// decoded.
public struct CheckpointExporter: Sendable {
    /// How quantized tensors are stored.
    public enum DecodedType: String, Sendable, CaseIterable {
        case f32, f16, bf16
    }

    private let model: ExportedModel
    private let type: DecodedType
    private let hasVocabulary: Bool

    /// `vocabulary` false leaves the tokenizer out. Throws if the file's architecture is none that has checkpoints.
    public init(_ file: GGUFFile, decoding type: DecodedType = .f16, vocabulary: Bool = true) throws {
        model = try ExportedModel(file)
        (self.type, hasVocabulary) = (type, vocabulary)
    }

    /// Writes the folder, which must be new or empty. Every file gets its name only when it is whole, config.json last.
    public func write(to folder: URL) throws {
        let manager = FileManager.default
        let path = folder.path(percentEncoded: false)
        if let names = try? manager.contentsOfDirectory(atPath: path), !names.isEmpty {
            throw ConversionError(
                .malformed, "the folder is not empty", at: path, advice: "Name a new or empty folder")
        }
        do {
            try manager.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw ConversionError(.cannotRead, "the folder cannot be created", at: path, cause: error)
        }
        let tensors = try self.tensors()
        let tokenizer = hasVocabulary ? try ExportedTokenizer(model.file.metadata).files() : []
        for (name, bytes) in tokenizer + ExportedCard(model.file.metadata).files() {
            try Self.write(bytes, to: folder.appending(path: name))
        }
        try write(tensors, to: folder.appending(path: "model.safetensors"))
        let settings = try ExportedSettings(model).configuration()
        try Self.write(Array((settings.text(.pretty) + "\n").utf8), to: folder.appending(path: "config.json"))
    }

    private static func write(_ bytes: [UInt8], to url: URL) throws {
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        let file = try FileReplacement(url)
        try file.write(bytes)
        try file.commit()
    }

    private func tensors() throws(ConversionError) -> [(tensor: NamedWeight, type: ElementType)] {
        var exported: [(NamedWeight, ElementType)] = []
        for index in model.file.tensors.indices {
            let view = model.file.tensor(at: index)
            let stored: ElementType =
                switch view.type {
                case .f32, .f16, .bf16: view.type
                default: type == .f32 ? .f32 : type == .f16 ? .f16 : .bf16
                }
            let tensor = NamedWeight(name: view.name, weight: Weight(view))
            try tensor.checkShape()
            for part in try model.architecture.exported(tensor, model) { exported.append((part, stored)) }
        }
        return exported
    }

    private func write(_ tensors: [(tensor: NamedWeight, type: ElementType)], to url: URL) throws {
        let converted = try ConvertedModel(
            metadata: GGUFMetadata(), tensors.map { ($0.tensor.name, $0.type, $0.tensor.weight) },
            from: model.file.urls)
        var writer = SafetensorsWriter()
        for (tensor, type) in tensors {
            let stored: SafetensorsType = type == .f16 ? .f16 : type == .bf16 ? .bf16 : .f32
            try writer.add(tensor.name, type: stored, shape: tensor.weight.shape)
        }
        try writer.write(to: url) { index, write in try converted.forEachPiece(ofTensor: index, write) }
    }
}
