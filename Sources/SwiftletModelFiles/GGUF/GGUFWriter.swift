public import Foundation
public import SwiftletGround
public import SwiftletTensors

/// Writes a GGUF file, tensor by tensor: the data never has to be in memory whole.
///
/// The bytes are those that gguf-py and the reference's `gguf_write_to_file` write for the same content. Alignment is 32, or
/// what the metadata's `general.alignment` says.
public struct GGUFWriter {
    /// The tensors in the file's order, with their places.
    public private(set) var tensors: [GGUFTensor] = []

    private let metadata: GGUFMetadata
    private let version: UInt32
    let alignment: Int
    private var names: Set<ByteString> = []
    /// The size of the data section, padding included.
    private(set) var dataBytes = 0

    /// The reference refuses longer names (`GGML_MAX_NAME`).
    private static let longestName = 63

    /// Throws if the metadata has an empty key or an impossible alignment.
    public init(metadata: GGUFMetadata, version: UInt32 = 3) throws(ModelFileError) {
        precondition(version == 2 || version == 3, "GGUF version \(version)")
        guard metadata[""] == nil else { throw ModelFileError(.malformed, "a metadata key is empty") }
        alignment = try GGUFHeader.alignment(metadata)
        self.metadata = metadata
        self.version = version
    }

    /// Adds a tensor after the others; `dimensions` are in the file's order, innermost first. Throws if the name is taken or
    /// too long, or the dimensions make no whole blocks.
    public mutating func add(_ name: String, type: ElementType, dimensions: [Int]) throws(ModelFileError) {
        guard name.utf8.count <= Self.longestName else {
            throw ModelFileError(
                .malformed, "the name takes \(name.utf8.count) bytes; \(Self.longestName) is the limit",
                at: "tensor \(name)")
        }
        guard dimensions.count <= GGUFHeader.mostDimensions else {
            throw ModelFileError(
                .malformed, "has \(dimensions.count) dimensions; \(GGUFHeader.mostDimensions) is the limit",
                at: "tensor \(name)")
        }
        let byteCount: Int
        do {
            byteCount = try TensorView.byteCount(shape: dimensions.reversed(), type: type, name: name)
        } catch {
            throw ModelFileError(.malformed, error.problem, at: error.place)
        }
        let (end, overflow) = dataBytes.addingReportingOverflow(byteCount)
        guard !overflow, end <= Int.max - alignment else {
            throw ModelFileError(.malformed, "the tensors together are too large", at: "tensor \(name)")
        }
        guard names.insert(ByteString(name)).inserted else {
            throw ModelFileError(.malformed, "is added twice", at: "tensor \(name)")
        }
        tensors.append(
            GGUFTensor(
                name: name, type: type, dimensions: dimensions, offset: dataBytes, byteCount: byteCount, shard: 0))
        dataBytes = (end + alignment - 1) / alignment * alignment
    }

    /// Adds a tensor with its shape outermost first, as `TensorView` has it: `[outputs, inputs]`.
    public mutating func add(_ name: String, type: ElementType, shape: [Int]) throws(ModelFileError) {
        try add(name, type: type, dimensions: shape.reversed())
    }

    /// Writes the file in place of what has that name, all or nothing.
    ///
    /// `supply` is called once for each tensor, in order, and passes the tensor's bytes to `write`, in one piece or many.
    /// Throws what `supply` throws, and if it supplies more or fewer bytes than the tensor has, or the disk is full.
    public func write(
        to url: URL,
        supply: (_ tensor: GGUFTensor, _ write: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let file = try FileReplacement(url)
        try file.write(headerBytes())
        // A file without tensors ends with its header, as the vocabulary files of the field do.
        if !tensors.isEmpty {
            try pad(file)
            try file.checkRoom(for: dataBytes)
        }
        for tensor in tensors {
            let start = file.byteCount
            try supply(tensor) { bytes in
                guard bytes.count <= tensor.byteCount - (file.byteCount - start) else {
                    throw ModelFileError(
                        .malformed, "more than its \(tensor.byteCount) bytes are supplied", at: "tensor \(tensor.name)")
                }
                try file.write(bytes)
            }
            guard file.byteCount - start == tensor.byteCount else {
                throw ModelFileError(
                    .malformed, "only \(file.byteCount - start) of its \(tensor.byteCount) bytes are supplied",
                    at: "tensor \(tensor.name)")
            }
            try pad(file)
        }
        try file.commit()
    }

    private func pad(_ file: FileReplacement) throws(ModelFileError) {
        let excess = file.byteCount % alignment
        if excess > 0 { try file.write([UInt8](repeating: 0, count: alignment - excess)) }
    }

    func headerBytes() -> [UInt8] {
        var bytes = GGUFHeader.magic
        bytes.appendLittleEndian(version)
        bytes.appendLittleEndian(UInt64(tensors.count))
        bytes.appendLittleEndian(UInt64(metadata.entries.count))
        for entry in metadata.entries {
            bytes.appendString(entry.key.utf8)
            bytes.append(entry.value)
        }
        for tensor in tensors {
            bytes.appendString(tensor.name.utf8)
            bytes.appendLittleEndian(UInt32(tensor.dimensions.count))
            for dimension in tensor.dimensions { bytes.appendLittleEndian(UInt64(dimension)) }
            bytes.appendLittleEndian(tensor.type.rawValue)
            bytes.appendLittleEndian(UInt64(tensor.offset))
        }
        return bytes
    }
}

extension [UInt8] {
    fileprivate mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func appendString(_ text: some Collection<UInt8>) {
        appendLittleEndian(UInt64(text.count))
        append(contentsOf: text)
    }

    /// A metadata value, its type first.
    fileprivate mutating func append(_ value: GGUFValue) {
        appendLittleEndian(value.type.rawValue)
        switch value {
        case .uint8(let value): append(value)
        case .int8(let value): appendLittleEndian(value)
        case .uint16(let value): appendLittleEndian(value)
        case .int16(let value): appendLittleEndian(value)
        case .uint32(let value): appendLittleEndian(value)
        case .int32(let value): appendLittleEndian(value)
        case .uint64(let value): appendLittleEndian(value)
        case .int64(let value): appendLittleEndian(value)
        case .float32(let value): appendLittleEndian(value.bitPattern)
        case .float64(let value): appendLittleEndian(value.bitPattern)
        case .bool(let value): append(value ? 1 : 0)
        case .string(let string): appendString(string.bytes)
        case .array(let array):
            appendLittleEndian(array.elementType.rawValue)
            appendLittleEndian(UInt64(array.count))
            append(contentsOf: array.bytes)
        }
    }
}
