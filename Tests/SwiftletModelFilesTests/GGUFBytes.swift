import Foundation
import SwiftletModelFiles
import SwiftletTensors

/// Builds GGUF files byte by byte, right or wrong.
struct GGUFBytes {
    var bytes: [UInt8] = []

    /// A header with these counts.
    init(version: UInt32 = 3, tensors: UInt64 = 0, keys: UInt64 = 0) {
        bytes = Array("GGUF".utf8)
        number(version)
        number(tensors)
        number(keys)
    }

    mutating func number(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func string(_ text: String) { string(Array(text.utf8)) }

    mutating func string(_ text: [UInt8]) {
        number(UInt64(text.count))
        bytes += text
    }

    mutating func key(_ key: String, type: UInt32) {
        string(key)
        number(type)
    }

    mutating func tensor(_ name: String, dimensions: [UInt64], type: UInt32 = 0, offset: UInt64 = 0) {
        string(name)
        number(UInt32(dimensions.count))
        for dimension in dimensions { number(dimension) }
        number(type)
        number(offset)
    }

    mutating func pad(to alignment: Int = 32) {
        bytes += [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
    }

    func open() throws(ModelFileError) -> GGUFFile { try Self.open(bytes) }

    static func open(_ bytes: [UInt8]) throws(ModelFileError) -> GGUFFile {
        let buffer = AlignedBuffer(byteCount: bytes.count)
        buffer.bytes.copyBytes(from: bytes)
        return try GGUFFile(bytes: UnsafeRawBufferPointer(buffer.bytes), owner: buffer, name: "test.gguf")
    }

    /// What opening these bytes throws, nil if it does not.
    static func error(_ build: (inout GGUFBytes) -> Void, tensors: UInt64 = 0, keys: UInt64 = 0) -> ModelFileError? {
        var file = GGUFBytes(tensors: tensors, keys: keys)
        build(&file)
        do {
            _ = try file.open()
            return nil
        } catch {
            return error
        }
    }

    /// A small right file: every kind of metadata and two tensors, of 600 bytes.
    static func small() -> [UInt8] {
        var file = GGUFBytes(tensors: 2, keys: 5)
        file.key("general.alignment", type: 4)
        file.number(UInt32(32))
        file.key("a.string", type: 8)
        file.string("text")
        file.key("a.bool", type: 7)
        file.bytes.append(1)
        file.key("some.strings", type: 9)
        file.number(UInt32(8))
        file.number(UInt64(2))
        file.string("one")
        file.string("two")
        file.key("nested", type: 9)
        file.number(UInt32(9))
        file.number(UInt64(1))
        file.number(UInt32(5))
        file.number(UInt64(2))
        file.number(Int32(7))
        file.number(Int32(-7))
        file.tensor("first", dimensions: [4, 2])
        file.tensor("second", dimensions: [32], type: 8, offset: 32)
        file.pad()
        file.bytes += (0..<66).map { UInt8($0) }
        return file.bytes
    }
}
