public import SwiftletGround

// Each type has two getters: `string("key")` throws if the key is absent, `string(ifPresent: "key")` returns nil then.
// Both throw, naming the key and the type found, if the value is of another type.
extension GGUFMetadata {
    /// A text; throws if it is not UTF-8.
    public func string(ifPresent key: String) throws(ModelFileError) -> String? {
        guard let value = self[key] else { return nil }
        guard case .string(let string) = value else { throw mismatch(key, value, "a string") }
        guard let text = string.text else {
            throw ModelFileError(.malformed, "the string is not UTF-8", at: "key \(key)")
        }
        return text
    }

    public func bool(ifPresent key: String) throws(ModelFileError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard case .bool(let bool) = value else { throw mismatch(key, value, "a boolean") }
        return bool
    }

    /// An integer of any width in the file; throws if it does not fit `Number`.
    public func integer<Number: FixedWidthInteger>(
        ifPresent key: String, as type: Number.Type = Int.self
    ) throws(ModelFileError) -> Number? {
        guard let value = self[key] else { return nil }
        guard let integer = value.integer else { throw mismatch(key, value, "an integer") }
        guard let number = Number(exactly: integer) else {
            throw ModelFileError(.wrongType, "\(integer) does not fit \(Number.self)", at: "key \(key)")
        }
        return number
    }

    /// A number that the file holds as float32 or float64 (which is rounded).
    public func float(ifPresent key: String) throws(ModelFileError) -> Float? {
        switch self[key] {
        case nil: return nil
        case .float32(let number): return number
        case .float64(let number): return Float(number)
        case let value?: throw mismatch(key, value, "a float")
        }
    }

    public func array(ifPresent key: String) throws(ModelFileError) -> GGUFArray? {
        guard let value = self[key] else { return nil }
        guard case .array(let array) = value else { throw mismatch(key, value, "an array") }
        return array
    }

    public func strings(ifPresent key: String) throws(ModelFileError) -> [String]? {
        try elements(key) { array throws(ModelFileError) in try array.strings() }
    }

    /// Strings as bytes, which need not be UTF-8: the tokens of a vocabulary.
    public func byteStrings(ifPresent key: String) throws(ModelFileError) -> [[UInt8]]? {
        try elements(key) { array throws(ModelFileError) in try array.byteStrings() }
    }

    public func integers<Number: FixedWidthInteger>(
        ifPresent key: String, as type: Number.Type = Int.self
    ) throws(ModelFileError) -> [Number]? {
        try elements(key) { array throws(ModelFileError) in try array.integers(as: type) }
    }

    public func floats(ifPresent key: String) throws(ModelFileError) -> [Float]? {
        try elements(key) { array throws(ModelFileError) in try array.floats() }
    }

    public func bools(ifPresent key: String) throws(ModelFileError) -> [Bool]? {
        try elements(key) { array throws(ModelFileError) in try array.bools() }
    }

    public func string(_ key: String) throws(ModelFileError) -> String { try needed(key, string(ifPresent: key)) }
    public func bool(_ key: String) throws(ModelFileError) -> Bool { try needed(key, bool(ifPresent: key)) }
    public func float(_ key: String) throws(ModelFileError) -> Float { try needed(key, float(ifPresent: key)) }
    public func array(_ key: String) throws(ModelFileError) -> GGUFArray { try needed(key, array(ifPresent: key)) }
    public func strings(_ key: String) throws(ModelFileError) -> [String] { try needed(key, strings(ifPresent: key)) }
    public func byteStrings(_ key: String) throws(ModelFileError) -> [[UInt8]] {
        try needed(key, byteStrings(ifPresent: key))
    }
    public func floats(_ key: String) throws(ModelFileError) -> [Float] { try needed(key, floats(ifPresent: key)) }
    public func bools(_ key: String) throws(ModelFileError) -> [Bool] { try needed(key, bools(ifPresent: key)) }
    public func integer<Number: FixedWidthInteger>(
        _ key: String, as type: Number.Type = Int.self
    ) throws(ModelFileError) -> Number {
        try needed(key, integer(ifPresent: key, as: type))
    }
    public func integers<Number: FixedWidthInteger>(
        _ key: String, as type: Number.Type = Int.self
    ) throws(ModelFileError) -> [Number] {
        try needed(key, integers(ifPresent: key, as: type))
    }

    private func needed<Value>(_ key: String, _ value: Value?) throws(ModelFileError) -> Value {
        guard let value else {
            throw ModelFileError(.missing, "the file has no such metadata key", at: "key \(key)")
        }
        return value
    }

    private func elements<Value>(
        _ key: String, _ read: (GGUFArray) throws(ModelFileError) -> Value
    ) throws(ModelFileError) -> Value? {
        guard let array = try array(ifPresent: key) else { return nil }
        do { return try read(array) } catch { throw error.within("key \(key)") }
    }

    private func mismatch(_ key: String, _ value: GGUFValue, _ wanted: String) -> ModelFileError {
        ModelFileError(.wrongType, "is of type \(value.typeName), where \(wanted) is needed", at: "key \(key)")
    }
}
