import SwiftletTensors

/// An array value of a GGUF file where it lies: elements stay in the mapping, only the places of strings are kept.
public struct GGUFArray: @unchecked Sendable {
    // Sendable: the bytes are never written once the array exists, and `owner` keeps them alive.

    public let elementType: GGUFValueType
    public let count: Int
    /// The elements as the file holds them.
    package let bytes: UnsafeRawBufferPointer
    /// Where in `bytes` each string's length field is; empty for other element types.
    private let starts: [Int]
    /// The elements of an array of arrays; empty for other element types.
    public let arrays: [GGUFArray]
    private let owner: AnyObject

    /// Elements that have been checked to fill `bytes`, with strings at `starts`.
    init(
        checked elementType: GGUFValueType, count: Int, bytes: UnsafeRawBufferPointer, starts: [Int],
        arrays: [GGUFArray], owner: AnyObject
    ) {
        self.elementType = elementType
        self.count = count
        self.bytes = bytes
        self.starts = starts
        self.arrays = arrays
        self.owner = owner
    }

    /// An array of numbers or booleans in memory.
    public init<Element: GGUFScalar>(_ values: [Element]) {
        let buffer = AlignedBuffer(byteCount: values.count * MemoryLayout<Element>.stride)
        values.withUnsafeBytes { buffer.bytes.copyMemory(from: $0) }
        self.init(
            checked: Element.valueType, count: values.count, bytes: UnsafeRawBufferPointer(buffer.bytes), starts: [],
            arrays: [], owner: buffer)
    }

    /// An array of strings in memory.
    public init(strings: [String]) {
        self.init(byteStrings: strings.map { Array($0.utf8) })
    }

    /// An array of strings in memory, which need not be UTF-8.
    public init(byteStrings: [[UInt8]]) {
        let buffer = AlignedBuffer(byteCount: byteStrings.reduce(0) { $0 + 8 + $1.count })
        var starts: [Int] = []
        starts.reserveCapacity(byteStrings.count)
        var offset = 0
        for string in byteStrings {
            starts.append(offset)
            buffer.bytes.storeBytes(of: UInt64(string.count), toByteOffset: offset, as: UInt64.self)
            UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[(offset + 8)...]).copyBytes(from: string)
            offset += 8 + string.count
        }
        self.init(
            checked: .string, count: byteStrings.count, bytes: UnsafeRawBufferPointer(buffer.bytes), starts: starts,
            arrays: [], owner: buffer)
    }

    /// An array of arrays in memory.
    public init(arrays: [GGUFArray]) {
        let buffer = AlignedBuffer(byteCount: arrays.reduce(0) { $0 + 12 + $1.bytes.count })
        var offset = 0
        for array in arrays {
            buffer.bytes.storeBytes(of: array.elementType.rawValue, toByteOffset: offset, as: UInt32.self)
            buffer.bytes.storeBytes(of: UInt64(array.count), toByteOffset: offset + 4, as: UInt64.self)
            UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[(offset + 12)...]).copyMemory(from: array.bytes)
            offset += 12 + array.bytes.count
        }
        self.init(
            checked: .array, count: arrays.count, bytes: UnsafeRawBufferPointer(buffer.bytes), starts: [],
            arrays: arrays, owner: buffer)
    }

    /// The element at `index` of a fixed-size type.
    func load<Element: BitwiseCopyable>(_ index: Int, as type: Element.Type) -> Element {
        precondition(index >= 0 && index < count, "element \(index) of \(count)")
        return bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Element>.size, as: type)
    }

    /// The bytes of string `index`, where they lie.
    func string(_ index: Int) -> UnsafeRawBufferPointer {
        let start = starts[index]
        let length = Int(bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        return UnsafeRawBufferPointer(rebasing: bytes[start + 8..<start + 8 + length])
    }
}

extension GGUFArray: Equatable {
    public static func == (one: Self, other: Self) -> Bool {
        one.elementType == other.elementType && one.count == other.count && one.bytes.elementsEqual(other.bytes)
    }
}

/// A number or boolean that GGUF arrays can hold.
public protocol GGUFScalar: BitwiseCopyable {
    static var valueType: GGUFValueType { get }
}

extension UInt8: GGUFScalar { public static var valueType: GGUFValueType { .uint8 } }
extension Int8: GGUFScalar { public static var valueType: GGUFValueType { .int8 } }
extension UInt16: GGUFScalar { public static var valueType: GGUFValueType { .uint16 } }
extension Int16: GGUFScalar { public static var valueType: GGUFValueType { .int16 } }
extension UInt32: GGUFScalar { public static var valueType: GGUFValueType { .uint32 } }
extension Int32: GGUFScalar { public static var valueType: GGUFValueType { .int32 } }
extension UInt64: GGUFScalar { public static var valueType: GGUFValueType { .uint64 } }
extension Int64: GGUFScalar { public static var valueType: GGUFValueType { .int64 } }
extension Float: GGUFScalar { public static var valueType: GGUFValueType { .float32 } }
extension Double: GGUFScalar { public static var valueType: GGUFValueType { .float64 } }
extension Bool: GGUFScalar { public static var valueType: GGUFValueType { .bool } }
