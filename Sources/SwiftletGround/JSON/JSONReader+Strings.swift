extension JSONReader {
    /// The string whose opening quote has been read.
    mutating func string() throws(JSONError) -> String {
        let start = position
        skipPlainBytes()
        // Most strings have no escape: their bytes are taken as they are.
        if peek == UInt8(ascii: "\"") {
            guard let text = Self.text(UnsafeRawBufferPointer(rebasing: bytes[start..<position])) else {
                throw failure(.encoding, "this string is not UTF-8", at: start)
            }
            position += 1
            return text
        }
        var unescaped = Array(bytes[start..<position])
        while true {
            switch peek {
            case UInt8(ascii: "\""):
                guard let text = unescaped.withUnsafeBytes(Self.text) else {
                    throw failure(.encoding, "this string is not UTF-8", at: start)
                }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &unescaped)
            case nil: throw failure(.syntax, "the text ends inside a string")
            default: throw failure(.syntax, "a control character inside a string must be escaped")
            }
            let plain = position
            skipPlainBytes()
            unescaped.append(contentsOf: bytes[plain..<position])
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String? {
        bytes.withMemoryRebound(to: UInt8.self) { String(validating: $0, as: UTF8.self) }
    }

    /// Moves to the next quote, backslash, control character or the end, eight bytes at a step.
    private mutating func skipPlainBytes() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        while position + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            // A byte is zero where (x - 1) & ~x has its high bit; the trick may also mark bytes above the first one.
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let found =
                ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((word &- ones &* 0x20) & ~word)
            if found & highs != 0 { break }
            position += 8
        }
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 { return }
            position += 1
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard let kind = peek else { throw failure(.syntax, "the text ends inside a string") }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: try unicodeEscape())
        default: throw failure(.syntax, "there is no such escape", at: position - 1)
        }
    }

    /// The UTF-8 of `\uXXXX`, or of two of them that make a surrogate pair, after the first `\u`.
    private mutating func unicodeEscape() throws(JSONError) -> UTF8.EncodedScalar {
        let start = position
        var code = try hexadecimal()
        if code & 0xFC00 == 0xD800, bytes.count - position >= 6, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let low = try hexadecimal()
            if low & 0xFC00 == 0xDC00 { code = 0x10000 + ((code & 0x3FF) << 10 | low & 0x3FF) }
        }
        guard let scalar = Unicode.Scalar(code), let encoded = UTF8.encode(scalar) else {
            throw failure(.encoding, "this escape is half of a surrogate pair", at: start)
        }
        return encoded
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        guard bytes.count - position >= 4 else { throw failure(.syntax, "\\u needs four hexadecimal digits") }
        var code: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): code = code << 4 | UInt32(byte - 0x30)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): code = code << 4 | UInt32(byte - 0x37)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): code = code << 4 | UInt32(byte - 0x57)
            default: throw failure(.syntax, "\\u needs four hexadecimal digits")
            }
        }
        position += 4
        return code
    }
}
