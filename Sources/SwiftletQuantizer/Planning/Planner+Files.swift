import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

// The metadata of the written files, as the reference orders it: what it sets goes to the end.
extension Planner {
    private enum Key {
        static let version = "general.quantization_version"
        static let fileType = "general.file_type"
        static let splitNumber = "split.no"
        static let splitCount = "split.count"
        static let splitTensors = "split.tensors.count"
    }

    /// The version of GGML's block layouts (ggml.h, `GGML_QNT_VERSION`).
    private static let layoutVersion: UInt32 = 2
    /// Texts that the reference writes by itself are cut to this many bytes.
    private static let longestText = 127

    func files(_ tensors: [PlannedTensor]) throws(ModelFileError) -> [PlannedFile] {
        let metadata = try modelMetadata()
        guard options.keepsSplit else { return [PlannedFile(metadata: metadata, tensors: tensors)] }
        let shards = tensors.map { source.tensors[$0.sourceIndex].shard }
        let count = (shards.max() ?? 0) + 1
        return (0..<count).map { shard in
            var metadata = shard == 0 ? metadata : GGUFMetadata()
            if count > 1 {
                metadata.append(Key.splitNumber, .uint16(UInt16(shard)))
                metadata.append(Key.splitCount, .uint16(UInt16(count)))
                metadata.append(Key.splitTensors, .int32(Int32(clamping: tensors.count)))
            }
            return PlannedFile(
                metadata: metadata, tensors: zip(tensors, shards).filter { $0.1 == shard }.map(\.0))
        }
    }

    private func modelMetadata() throws(ModelFileError) -> GGUFMetadata {
        var metadata = source.metadata
        pruning.prune(&metadata, architecture: shape.architecture)
        metadata.append(Key.version, .uint32(Self.layoutVersion))
        metadata.append(Key.fileType, .uint32(try fileTypeID()))
        for key in [Key.splitNumber, Key.splitCount, Key.splitTensors] { metadata[key] = nil }
        for override in options.overrides { metadata.append(override.key, override.value) }
        if let importance {
            metadata.append("quantize.imatrix.file", Self.cut(importance.fileName))
            if let dataset = importance.dataset { metadata.append("quantize.imatrix.dataset", Self.cut(dataset)) }
            metadata.append("quantize.imatrix.entries_count", .uint32(UInt32(clamping: importance.count)))
            if importance.chunkCount > 0 {
                metadata.append("quantize.imatrix.chunks_count", .uint32(UInt32(clamping: importance.chunkCount)))
            }
        }
        if !options.prunedLayers.isEmpty {
            metadata.append("\(shape.architecture).block_count", .uint32(UInt32(clamping: pruning.layerCount)))
        }
        return metadata
    }

    private static func cut(_ text: String) -> GGUFValue {
        .string(GGUFString(bytes: Array(text.utf8.prefix(longestText))))
    }

    /// A copy keeps its type, or gets the one that most of its tensors have.
    private func fileTypeID() throws(ModelFileError) -> UInt32 {
        if let id = options.fileType.id { return id }
        if let id = try source.metadata.integer(ifPresent: Key.fileType, as: UInt32.self) { return id }
        var counts: [ElementType: Int] = [:]
        var most = ElementType.f32
        for tensor in source.tensors {
            counts[tensor.type, default: 0] += 1
            if counts[tensor.type, default: 0] > counts[most, default: 0] { most = tensor.type }
        }
        return FileType.guessedID(mainType: most)
    }

    func notes(_ tensors: [PlannedTensor]) -> [String] {
        var notes: [String] = []
        let changed = tensors.filter { $0.wantedType != nil }
        if !changed.isEmpty {
            notes.append(
                "\(changed.count) of \(tensors.count) tensors have rows that fit no blocks of the type they should get, "
                    + "and get the nearest that fits")
        }
        if let importance {
            let without = tensors.filter {
                !$0.isCopied && $0.type.isQuantized && $0.importance == nil
                    && TensorCategory($0.name) != .tokenEmbedding
                    && TensorCategory($0.name) != .output
            }
            if !without.isEmpty {
                notes.append(
                    "\(importance.fileName) has no weights for \(without.count) tensors, first \(without[0].name)")
            }
        }
        return notes
    }
}
