/// A strict reader of RFC 8259 over bytes in memory.
///
/// Stricter or wider than its kin: a UTF-8 byte order mark at the start is skipped; the last of equal keys wins (as in
/// Python); half a surrogate pair is an error (as in Rust's serde, which writes `tokenizer.json`); NaN and Infinity are
/// refused. Memory is at most about 40 bytes a byte of text; time is linear.
struct JSONReader {
    let bytes: UnsafeRawBufferPointer
    let maximumDepth: Int
    /// How many more values there may be.
    var valuesLeft: Int
    var position = 0

    static func read(_ bytes: UnsafeRawBufferPointer, maximumDepth: Int, maximumValues: Int) throws(JSONError)
        -> JSONValue
    {
        var reader = JSONReader(bytes: bytes, maximumDepth: maximumDepth, valuesLeft: maximumValues)
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { reader.position = 3 }
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.count else { throw reader.failure(.syntax, "there is text after the value") }
        return value
    }

    mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        guard let first = peek else { throw failure(.syntax, "the text ends where a value is expected") }
        guard valuesLeft > 0 else { throw failure(.size, "there are too many values") }
        valuesLeft -= 1
        switch first {
        case UInt8(ascii: "\""):
            position += 1
            return .string(try string())
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure(.syntax, "a value is expected here")
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try enter(depth)
        var values: [JSONValue] = []
        if takes(UInt8(ascii: "]")) { return values }
        while true {
            values.append(try value(depth: depth))
            if takes(UInt8(ascii: ",")) { continue }
            if takes(UInt8(ascii: "]")) { return values }
            throw failure(.syntax, "',' or ']' is expected here")
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try enter(depth)
        var object = JSONObject()
        if takes(UInt8(ascii: "}")) { return object }
        while true {
            guard takes(UInt8(ascii: "\"")) else { throw failure(.syntax, "a key in quotes is expected here") }
            let key = try string()
            guard takes(UInt8(ascii: ":")) else { throw failure(.syntax, "':' is expected here") }
            object[key] = try value(depth: depth)
            if takes(UInt8(ascii: ",")) { continue }
            if takes(UInt8(ascii: "}")) { return object }
            throw failure(.syntax, "',' or '}' is expected here")
        }
    }

    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= maximumDepth else {
            throw failure(.depth, "arrays and objects are nested deeper than \(maximumDepth)")
        }
        position += 1
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let length = text.utf8CodeUnitCount
        guard bytes.count - position >= length else { throw failure(.syntax, "a value is expected here") }
        for offset in 0..<length where bytes[position + offset] != text.utf8Start[offset] {
            throw failure(.syntax, "a value is expected here")
        }
        position += length
        return value
    }

    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Skips white space, and the byte if it comes next.
    private mutating func takes(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek == byte else { return false }
        position += 1
        return true
    }

    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    func failure(_ code: JSONError.Code, _ problem: String, at offset: Int? = nil) -> JSONError {
        var line = 1
        var column = 1
        for byte in bytes[..<min(offset ?? position, bytes.count)] {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return JSONError(code, problem, at: "line \(line), column \(column)")
    }
}
