public import SwiftletGround

extension GGUFArray {
    /// The elements as integers; throws if they are not integers, or one does not fit `Number`.
    public func integers<Number: FixedWidthInteger>(as type: Number.Type = Int.self) throws(ModelFileError) -> [Number]
    {
        switch elementType {
        case .uint8: try convert(UInt8.self)
        case .int8: try convert(Int8.self)
        case .uint16: try convert(UInt16.self)
        case .int16: try convert(Int16.self)
        case .uint32: try convert(UInt32.self)
        case .int32: try convert(Int32.self)
        case .uint64: try convert(UInt64.self)
        case .int64: try convert(Int64.self)
        case .float32, .float64, .bool, .string, .array: throw mismatch("integers")
        }
    }

    /// The elements as floats; throws if they are not float32 or float64 (which is rounded).
    public func floats() throws(ModelFileError) -> [Float] {
        switch elementType {
        case .float32: (0..<count).map { load($0, as: Float.self) }
        case .float64: (0..<count).map { Float(load($0, as: Double.self)) }
        default: throw mismatch("floats")
        }
    }

    /// The elements as booleans; throws if they are of another type.
    public func bools() throws(ModelFileError) -> [Bool] {
        guard elementType == .bool else { throw mismatch("booleans") }
        return bytes.map { $0 != 0 }
    }

    /// The elements as strings; throws if they are of another type, or one is not UTF-8.
    public func strings() throws(ModelFileError) -> [String] {
        guard elementType == .string else { throw mismatch("strings") }
        var strings: [String] = []
        strings.reserveCapacity(count)
        for index in 0..<count {
            guard let text = String(validating: string(index), as: UTF8.self) else {
                throw ModelFileError(.malformed, "the string is not UTF-8", at: "element \(index)")
            }
            strings.append(text)
        }
        return strings
    }

    /// The elements as bytes of strings, which need not be UTF-8; throws if they are of another type.
    public func byteStrings() throws(ModelFileError) -> [[UInt8]] {
        guard elementType == .string else { throw mismatch("strings") }
        return (0..<count).map { Array(string($0)) }
    }

    /// Calls `body(index, bytes)` for each string where it lies, without a copy; the bytes are valid only inside the call.
    /// Throws if the elements are of another type.
    public func forEachUnsafeString(_ body: (Int, UnsafeRawBufferPointer) -> Void) throws(ModelFileError) {
        guard elementType == .string else { throw mismatch("strings") }
        for index in 0..<count { body(index, string(index)) }
    }

    private func convert<Stored: FixedWidthInteger & BitwiseCopyable, Number: FixedWidthInteger>(
        _ stored: Stored.Type
    ) throws(ModelFileError) -> [Number] {
        var numbers: [Number] = []
        numbers.reserveCapacity(count)
        for index in 0..<count {
            let value = load(index, as: stored)
            guard let number = Number(exactly: value) else {
                throw ModelFileError(.wrongType, "\(value) does not fit \(Number.self)", at: "element \(index)")
            }
            numbers.append(number)
        }
        return numbers
    }

    private func mismatch(_ wanted: String) -> ModelFileError {
        ModelFileError(.wrongType, "is an array of \(elementType), where \(wanted) are needed")
    }
}
