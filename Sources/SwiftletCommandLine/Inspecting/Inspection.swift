import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// What a model file says of itself, in one form for all formats.
struct Inspection {
    struct Tensor {
        let name: String
        let type: String
        /// In the file's order.
        let shape: [Int]
        let offset: Int
        let fileOffset: Int
        let bytes: Int
        /// Which of `files` holds it.
        let file: Int

        var elements: Int { shape.reduce(1, *) }
    }

    struct Entry {
        let key: String
        let type: String
        let value: GGUFValue
    }

    var files: [URL]
    /// What the format is called: "GGUF version 3".
    var format: String
    var alignment: Int?
    var metadata: [Entry] = []
    var tensors: [Tensor] = []

    /// Reads a .gguf or .safetensors file, or a checkpoint folder; throws what their readers throw.
    init(of url: URL) throws {
        var isFolder: ObjCBool = false
        let path = url.path(percentEncoded: false)
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            self.init(try SafetensorsCheckpoint(url))
        } else if path.hasSuffix(".safetensors") || path.hasSuffix(".safetensors.index.json") {
            self.init(try SafetensorsCheckpoint(url))
        } else {
            self.init(try GGUFFile(url))
        }
    }

    var parameters: Int { tensors.reduce(0) { $0 + $1.elements } }
    var tensorBytes: Int { tensors.reduce(0) { $0 + $1.bytes } }
    /// Bits a weight over all tensors; nil where there are none.
    var bitsPerWeight: Double? { parameters > 0 ? Double(tensorBytes) * 8 / Double(parameters) : nil }
}

extension Inspection {
    init(_ file: GGUFFile) {
        files = file.urls
        format = "GGUF version \(file.version)"
        alignment = file.alignment
        metadata = file.metadata.entries.map { Entry(key: $0.key, type: $0.value.shortTypeName, value: $0.value) }
        tensors = file.tensors.map {
            Tensor(
                name: $0.name, type: $0.type.name, shape: $0.dimensions, offset: $0.offset,
                fileOffset: file.dataOffsets[$0.shard] + $0.offset, bytes: $0.byteCount, file: $0.shard)
        }
    }
}

extension Inspection {
    init(_ checkpoint: SafetensorsCheckpoint) {
        files = checkpoint.files.map(\.url)
        format = "safetensors"
        for (index, file) in checkpoint.files.enumerated() {
            for member in file.metadata where index == 0 {
                metadata.append(Entry(key: member.key, type: "string", value: .string(member.value.string ?? "")))
            }
            tensors += file.tensors.map {
                Tensor(
                    name: $0.name, type: $0.type.rawValue, shape: $0.shape, offset: $0.offset,
                    fileOffset: file.dataOffset + $0.offset, bytes: $0.bytes.count, file: index)
            }
        }
    }
}

extension GGUFValue {
    /// `uint32`, `string[49152]`.
    fileprivate var shortTypeName: String {
        if case .array(let array) = self { "\(array.elementType)[\(array.count)]" } else { "\(type)" }
    }
}
