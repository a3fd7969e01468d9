public import Foundation
public import SwiftletGround

/// Writes a safetensors file, tensor by tensor: the data never has to be in memory whole.
///
/// The header is JSON in the order of the tensors, filled up with spaces to a multiple of 8 bytes
/// (https://github.com/huggingface/safetensors).
public struct SafetensorsWriter {
    public struct Tensor: Sendable {
        public let name: String
        public let type: SafetensorsType
        /// Outermost dimension first.
        public let shape: [Int]
        public let byteCount: Int
    }

    public private(set) var tensors: [Tensor] = []
    private let metadata: JSONObject
    private var names: Set<ByteString> = []

    /// `metadata` holds texts only; `format` is what Hugging Face's readers ask for.
    public init(metadata: JSONObject = ["format": "pt"]) {
        self.metadata = metadata
    }

    /// Adds a tensor after the others. Throws if the name is taken, or the shape is impossible.
    public mutating func add(_ name: String, type: SafetensorsType, shape: [Int]) throws(ModelFileError) {
        guard !ByteString(name).string.utf8.elementsEqual("__metadata__".utf8), names.insert(ByteString(name)).inserted
        else { throw ModelFileError(.malformed, "is added twice", at: "tensor \(name)") }
        guard shape.allSatisfy({ $0 >= 0 }) else {
            throw ModelFileError(.malformed, "the shape \(shape) is impossible", at: "tensor \(name)")
        }
        let byteCount = try SafetensorsTensor.byteCount(shape: shape, type: type)
        tensors.append(Tensor(name: name, type: type, shape: shape, byteCount: byteCount))
    }

    /// Writes the file in place of what has that name, all or nothing.
    ///
    /// `supply` is called once for each tensor, in order, and passes the tensor's bytes to `write`, in one piece or many.
    /// Throws what `supply` throws, and if it supplies more or fewer bytes than the tensor has, or the disk is full.
    public func write(
        to url: URL, supply: (_ index: Int, _ write: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let file = try FileReplacement(url)
        let header = headerBytes()
        try file.checkRoom(for: header.count + tensors.reduce(0) { $0 + $1.byteCount })
        try file.write(header)
        for (index, tensor) in tensors.enumerated() {
            let end = file.byteCount + tensor.byteCount
            try supply(index) { bytes in
                guard bytes.count <= end - file.byteCount else {
                    throw ModelFileError(
                        .malformed, "more than its \(tensor.byteCount) bytes are supplied", at: "tensor \(tensor.name)")
                }
                try file.write(bytes)
            }
            guard file.byteCount == end else {
                throw ModelFileError(
                    .malformed, "\(end - file.byteCount) of its \(tensor.byteCount) bytes are not supplied",
                    at: "tensor \(tensor.name)")
            }
        }
        try file.commit()
    }

    private func headerBytes() -> [UInt8] {
        var header = JSONObject()
        if !metadata.isEmpty { header["__metadata__"] = .object(metadata) }
        var offset = 0
        for tensor in tensors {
            header[tensor.name] = [
                "dtype": .string(tensor.type.rawValue), "shape": .array(tensor.shape.map { .integer(Int64($0)) }),
                "data_offsets": .array([.integer(Int64(offset)), .integer(Int64(offset + tensor.byteCount))]),
            ]
            offset += tensor.byteCount
        }
        var text = Array(header.text().utf8)
        text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
        return Swift.withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    }
}
