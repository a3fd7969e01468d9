public import Foundation
import SwiftletGround
public import SwiftletModelFiles
import SwiftletTensors

/// Writes a GGUF file as a Hugging Face checkpoint: config.json, model.safetensors or its shards, and a tokenizer.
///
/// Tensors in F32, F16 and BF16 keep every bit, so that converting the checkpoint gives them again; quantized ones are
/// decoded.
public struct CheckpointExporter: Sendable {
    /// How quantized tensors are stored.
    public enum DecodedType: String, Sendable, CaseIterable {
        case f32, f16, bf16
    }

    /// Bytes of a file at most, where nobody says otherwise; Hugging Face's programs write 5 GB too.
    public static let usualShardSize = 5_000_000_000

    private let model: ExportedModel
    private let type: DecodedType
    private let hasVocabulary: Bool

    /// `vocabulary` false leaves the tokenizer out. Throws if the file's architecture is none that has checkpoints.
    public init(_ file: GGUFFile, decoding type: DecodedType = .f16, vocabulary: Bool = true) throws {
        model = try ExportedModel(file)
        (self.type, hasVocabulary) = (type, vocabulary)
    }

    /// Writes the folder, which must be new or empty: all or nothing, a few megabytes at a time. Weights of more than
    /// `shardSize` bytes go into several files and an index.
    ///
    /// Throws `CancellationError` when the task is cancelled, and what reading and the disk throw; nothing is left then.
    public func write(
        to folder: URL, shardSize: Int = Self.usualShardSize, progress: WritingProgress = { _, _ in }
    ) throws {
        let output = try FolderContents(folder)
        let tensors = try self.tensors()
        let tokenizer = hasVocabulary ? try ExportedTokenizer(model.file.metadata).files() : []
        let settings = try ExportedSettings(model).configuration()
        try write(tensors, CheckpointShards(tensors.map(\.byteCount), limit: shardSize), to: output, progress)
        for (name, bytes) in tokenizer + ExportedCard(model.file.metadata).files() { try output.write(bytes, to: name) }
        try output.write(Array((settings.text(.pretty) + "\n").utf8), to: "config.json")
        try output.commit()
    }

    /// A tensor of the checkpoint and the type in which it is stored.
    private struct Tensor {
        let weight: NamedWeight
        let type: ElementType
        var byteCount: Int { type.bytes(elements: weight.weight.elementCount) }

        var storedType: SafetensorsType {
            switch type {
            case .f16: .f16
            case .bf16: .bf16
            default: .f32
            }
        }
    }

    private func tensors() throws(ConversionError) -> [Tensor] {
        var exported: [Tensor] = []
        for index in model.file.tensors.indices {
            let view = model.file.tensor(at: index)
            let stored: ElementType =
                switch view.type {
                case .f32, .f16, .bf16: view.type
                default: type == .f32 ? .f32 : type == .f16 ? .f16 : .bf16
                }
            let tensor = NamedWeight(name: view.name, weight: Weight(view))
            try tensor.checkShape()
            for part in try model.architecture.exported(tensor, model) {
                exported.append(Tensor(weight: part, type: stored))
            }
        }
        return exported
    }

    private func write(
        _ tensors: [Tensor], _ shards: CheckpointShards, to output: FolderContents, _ progress: WritingProgress
    ) throws {
        let converted = try ConvertedModel(
            metadata: GGUFMetadata(), tensors.map { ($0.weight.name, $0.type, $0.weight.weight) },
            from: model.file.urls)
        try output.checkRoom(for: shards.byteCount)
        var written = 0
        for (name, range) in zip(shards.names, shards.ranges) {
            var writer = SafetensorsWriter()
            for tensor in tensors[range] {
                try writer.add(tensor.weight.name, type: tensor.storedType, shape: tensor.weight.weight.shape)
            }
            try writer.write(to: output.url(name)) { index, write in
                try converted.forEachPiece(ofTensor: range.lowerBound + index) { piece in
                    try write(piece)
                    written += piece.count
                    progress(written, shards.byteCount)
                }
            }
        }
        if shards.ranges.count > 1 {
            try output.write(shards.index(tensors.map(\.weight.name)), to: SafetensorsCheckpoint.indexName)
        }
    }
}
