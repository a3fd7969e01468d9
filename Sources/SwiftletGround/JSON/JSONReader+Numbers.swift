extension JSONReader {
    /// A number: `Int64` if it is written as an integer and fits, else the nearest `Double`.
    mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        let negative = peek == UInt8(ascii: "-")
        if negative { position += 1 }
        // All digits of the number as one integer, and the power of ten that scales it.
        var digits: UInt64 = 0
        var overflow = false
        var isInteger = true
        let first = position
        try takeDigits(into: &digits, &overflow)
        if bytes[first] == UInt8(ascii: "0"), position - first > 1 {
            throw failure(.syntax, "a number cannot begin with 0 and another digit", at: first)
        }
        var scale = 0
        if peek == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            let fraction = position
            try takeDigits(into: &digits, &overflow)
            scale = fraction - position
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            let isNegative = peek == UInt8(ascii: "-")
            if isNegative || peek == UInt8(ascii: "+") { position += 1 }
            var exponent: UInt64 = 0
            try takeDigits(into: &exponent, &overflow)
            if exponent > 100_000 { overflow = true } else { scale += isNegative ? -Int(exponent) : Int(exponent) }
        }
        if isInteger, !overflow {
            if negative, digits <= UInt64(Int64.max) + 1 { return .integer(Int64(truncatingIfNeeded: 0 &- digits)) }
            if !negative, let value = Int64(exactly: digits) { return .integer(value) }
        }
        // Both factors are exact, so one operation rounds once (Clinger 1990, "How to read floating point numbers").
        if !overflow, digits < 1 << 53, abs(scale) <= 22 {
            let power = Self.powersOfTen[abs(scale)]
            let value = scale < 0 ? Double(digits) / power : Double(digits) * power
            return .number(negative ? -value : value)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw failure(.numberRange, "this number is too large", at: start)
        }
        return .number(value)
    }

    private mutating func takeDigits(into value: inout UInt64, _ overflow: inout Bool) throws(JSONError) {
        let start = position
        while let byte = peek, byte >= 0x30, byte <= 0x39 {
            let (product, large) = value.multipliedReportingOverflow(by: 10)
            let (sum, larger) = product.addingReportingOverflow(UInt64(byte - 0x30))
            overflow = overflow || large || larger
            value = sum
            position += 1
        }
        if position == start { throw failure(.syntax, "a digit is expected here") }
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
