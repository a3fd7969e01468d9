import SwiftletGround
import SwiftletTensors

/// Reads one GGUF file's header from bytes that may say anything: version 2 or 3, little endian.
///
/// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
struct GGUFParser {
    /// The format's own limit for keys; tensor names are held to it too.
    private static let longestName = 65_535
    private static let deepestArray = 8

    private var reader: ByteReader
    private let owner: AnyObject

    init(_ bytes: UnsafeRawBufferPointer, owner: AnyObject) {
        reader = ByteReader(bytes)
        self.owner = owner
    }

    mutating func parse(shard: Int) throws(ModelFileError) -> GGUFHeader {
        let version = try readVersion()
        // The smallest tensor record takes 24 bytes, the smallest metadata record 13.
        let tensorCount = try reader.readCount("the number of tensors", atLeast: 1)
        let keyCount = try reader.readCount("the number of metadata keys", atLeast: 13)
        var metadata = GGUFMetadata()
        for index in 0..<keyCount {
            let start = reader.offset
            let key = try readName("metadata key \(index)")
            guard !key.isEmpty else { throw malformed("metadata key \(index) is empty", at: start) }
            guard metadata[key] == nil else { throw malformed("the key \(key) is there twice", at: start) }
            do { metadata[key] = try readValue() } catch { throw error.within("key \(key)") }
        }
        let alignment = try GGUFHeader.alignment(metadata)
        guard tensorCount <= reader.remaining / 24 else {
            throw reader.truncated("the list of \(tensorCount) tensors")
        }
        var tensors: [GGUFTensor] = []
        tensors.reserveCapacity(tensorCount)
        var names: Set<ByteString> = []
        for index in 0..<tensorCount {
            let start = reader.offset
            let name = try readName("the name of tensor \(index)")
            guard names.insert(ByteString(name)).inserted else {
                throw malformed("the tensor \(name) is there twice", at: start)
            }
            do { tensors.append(try readTensor(name, shard: shard)) } catch { throw error.within("tensor \(name)") }
        }
        // Fits: the offset is inside the file and the alignment below 2^32.
        let dataOffset = (reader.offset + alignment - 1) / alignment * alignment
        let header = GGUFHeader(
            version: version, metadata: metadata, tensors: tensors, alignment: alignment, dataOffset: dataOffset)
        try header.checkLayout(fileSize: reader.bytes.count)
        return header
    }

    private mutating func readVersion() throws(ModelFileError) -> UInt32 {
        let magic = try reader.take(4, "the magic number")
        guard magic.elementsEqual(GGUFHeader.magic) else {
            throw ModelFileError(
                .unsupported, "the file does not begin with \"GGUF\"", at: "offset 0", advice: "Name a GGUF model file")
        }
        let version = try reader.read(UInt32.self, "the version")
        switch version {
        case 2, 3:
            return version
        case 1:
            throw ModelFileError(
                .unsupported, "GGUF version 1 is no longer read", at: "offset 4",
                advice: "Get or make a newer file of this model")
        case _ where version & 0xFFFF == 0:
            throw ModelFileError(
                .unsupported, "the file is big endian (version field \(version))", at: "offset 4",
                advice: "Get the little-endian file of this model")
        default:
            throw ModelFileError(
                .unsupported, "GGUF version \(version) is not known; 2 and 3 are", at: "offset 4",
                advice: "Update Swiftlet, or get an older file of this model")
        }
    }

    /// A key or tensor name, which must be UTF-8.
    private mutating func readName(_ what: String) throws(ModelFileError) -> String {
        let start = reader.offset
        let bytes = try reader.takeString(what)
        guard bytes.count <= Self.longestName else {
            throw malformed("\(what) takes \(bytes.count) bytes; \(Self.longestName) is the limit", at: start)
        }
        guard let name = String(validating: bytes, as: UTF8.self) else {
            throw malformed("\(what) is not UTF-8", at: start)
        }
        return name
    }

    private mutating func readType(_ what: String) throws(ModelFileError) -> GGUFValueType {
        let raw = try reader.read(UInt32.self, what)
        guard let type = GGUFValueType(rawValue: raw) else {
            throw malformed("\(what) is \(raw), which is not a type of GGUF values", at: reader.offset - 4)
        }
        return type
    }

    private mutating func readValue() throws(ModelFileError) -> GGUFValue {
        switch try readType("the value's type") {
        case .uint8: .uint8(try reader.read(UInt8.self, "the value"))
        case .int8: .int8(try reader.read(Int8.self, "the value"))
        case .uint16: .uint16(try reader.read(UInt16.self, "the value"))
        case .int16: .int16(try reader.read(Int16.self, "the value"))
        case .uint32: .uint32(try reader.read(UInt32.self, "the value"))
        case .int32: .int32(try reader.read(Int32.self, "the value"))
        case .float32: .float32(try reader.read(Float.self, "the value"))
        case .uint64: .uint64(try reader.read(UInt64.self, "the value"))
        case .int64: .int64(try reader.read(Int64.self, "the value"))
        case .float64: .float64(try reader.read(Double.self, "the value"))
        case .bool: .bool(try readBools(1)[0] == 1)
        case .string: .string(GGUFString(bytes: Array(try reader.takeString("the value"))))
        case .array: .array(try readArray(depth: 1))
        }
    }

    private mutating func readBools(_ count: Int) throws(ModelFileError) -> UnsafeRawBufferPointer {
        let bytes = try reader.take(count, "the value")
        guard let bad = bytes.firstIndex(where: { $0 > 1 }) else { return bytes }
        throw malformed("a boolean is \(bytes[bad]), neither 0 nor 1", at: reader.offset - count + bad)
    }

    private mutating func readArray(depth: Int) throws(ModelFileError) -> GGUFArray {
        guard depth <= Self.deepestArray else {
            throw malformed("arrays are nested more than \(Self.deepestArray) deep", at: reader.offset)
        }
        let type = try readType("the elements' type")
        // An array inside takes at least 12 bytes, a string 8.
        let count = try reader.readCount("the number of elements", atLeast: type.size ?? (type == .array ? 12 : 8))
        let start = reader.offset
        var starts: [Int] = []
        var arrays: [GGUFArray] = []
        switch type {
        case .string:
            starts.reserveCapacity(count)
            for _ in 0..<count {
                starts.append(reader.offset - start)
                _ = try reader.takeString("a string of the array")
            }
        case .array:
            for _ in 0..<count { arrays.append(try readArray(depth: depth + 1)) }
        case .bool:
            _ = try readBools(count)
        default:
            _ = try reader.take(count * (type.size ?? 1), "the array")
        }
        return GGUFArray(
            checked: type, count: count, bytes: UnsafeRawBufferPointer(rebasing: reader.bytes[start..<reader.offset]),
            starts: starts, arrays: arrays, owner: owner)
    }

    private mutating func readTensor(_ name: String, shard: Int) throws(ModelFileError) -> GGUFTensor {
        let rank = try reader.read(UInt32.self, "the number of dimensions")
        guard rank <= GGUFHeader.mostDimensions else {
            throw malformed("has \(rank) dimensions; \(GGUFHeader.mostDimensions) is the limit", at: reader.offset - 4)
        }
        var dimensions: [Int] = []
        for _ in 0..<rank {
            let dimension = try reader.read(UInt64.self, "the dimensions")
            guard let dimension = Int(exactly: dimension) else {
                throw malformed("a dimension is \(dimension)", at: reader.offset - 8)
            }
            dimensions.append(dimension)
        }
        let id = try reader.read(UInt32.self, "the type")
        guard let type = ElementType(rawValue: id) else {
            throw ModelFileError(
                .unsupported, "the element type \(Self.nameOfType(id)) is not one that Swiftlet reads",
                at: "offset \(reader.offset - 4)", advice: "Get or make a file of this model in another format")
        }
        let offset = try reader.read(UInt64.self, "the offset")
        guard let offset = Int(exactly: offset) else {
            throw malformed("the offset is \(offset)", at: reader.offset - 8)
        }
        let byteCount: Int
        do {
            byteCount = try TensorView.byteCount(shape: dimensions.reversed(), type: type, name: name)
        } catch {
            throw malformed(error.problem, at: reader.offset)
        }
        return GGUFTensor(
            name: name, type: type, dimensions: dimensions, offset: offset, byteCount: byteCount, shard: shard)
    }

    /// Type ids that GGML once had, or uses only in memory.
    private static func nameOfType(_ id: UInt32) -> String {
        let gone: [UInt32: String] = [
            4: "Q4_2", 5: "Q4_3", 9: "Q8_1", 15: "Q8_K", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8",
            36: "IQ4_NL_4_4", 37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8",
        ]
        return gone[id].map { "\(id) (\($0))" } ?? "\(id)"
    }

    private func malformed(_ problem: String, at offset: Int) -> ModelFileError {
        ModelFileError(.malformed, problem, at: "offset \(offset)")
    }
}
