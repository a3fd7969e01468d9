/// The types of metadata values in GGUF files; raw values are the file's (gguf.h, `gguf_type`).
public enum GGUFValueType: UInt32, Sendable, CaseIterable {
    case uint8 = 0, int8 = 1, uint16 = 2, int16 = 3, uint32 = 4, int32 = 5, float32 = 6
    case bool = 7, string = 8, array = 9
    case uint64 = 10, int64 = 11, float64 = 12

    /// Bytes of one value; nil for strings and arrays, whose size varies.
    public var size: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }
}

/// A metadata value of a GGUF file, in the type that the file gives it.
public enum GGUFValue: Sendable, Equatable {
    case uint8(UInt8), int8(Int8), uint16(UInt16), int16(Int16), uint32(UInt32), int32(Int32), float32(Float)
    case bool(Bool)
    case string(GGUFString)
    case array(GGUFArray)
    case uint64(UInt64), int64(Int64), float64(Double)

    public var type: GGUFValueType {
        switch self {
        case .uint8: .uint8
        case .int8: .int8
        case .uint16: .uint16
        case .int16: .int16
        case .uint32: .uint32
        case .int32: .int32
        case .float32: .float32
        case .bool: .bool
        case .string: .string
        case .array: .array
        case .uint64: .uint64
        case .int64: .int64
        case .float64: .float64
        }
    }

    /// What an error calls this value's type: `uint32`, `array of string`.
    public var typeName: String {
        if case .array(let array) = self { "array of \(array.elementType)" } else { "\(type)" }
    }

    /// The number, if the value is of an integer type.
    public var integer: (any FixedWidthInteger & Sendable)? {
        switch self {
        case .uint8(let value): value
        case .int8(let value): value
        case .uint16(let value): value
        case .int16(let value): value
        case .uint32(let value): value
        case .int32(let value): value
        case .uint64(let value): value
        case .int64(let value): value
        case .float32, .float64, .bool, .string, .array: nil
        }
    }

    public static func string(_ text: String) -> Self { .string(GGUFString(text)) }
    public static func array(_ texts: [String]) -> Self { .array(GGUFArray(strings: texts)) }
}

/// A string value of a GGUF file: bytes, which need not be UTF-8.
public struct GGUFString: Sendable, Hashable, ExpressibleByStringLiteral {
    public let bytes: [UInt8]

    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// The string, or nil if the bytes are not UTF-8.
    public var text: String? { String(validating: bytes, as: UTF8.self) }
}
