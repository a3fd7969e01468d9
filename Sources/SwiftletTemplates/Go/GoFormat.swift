import SwiftletGround

/// `printf` as Go's fmt has it: flags, width, precision, and the verbs that templates use (v s q d t x X c f e g %).
struct GoFormat {
    private let format: [Unicode.Scalar]
    private let values: [GoValue]
    private var place = 0
    private var next = 0

    /// A field cannot be wider, as in Go.
    private static let widest = 1_000_000

    init(_ format: String, _ values: [GoValue]) {
        self.format = Array(format.unicodeScalars)
        self.values = values
    }

    /// Nil if it would be longer than `most` bytes and a field.
    func text(most: Int) -> String? {
        var copy = self
        return copy.run(most)
    }

    private mutating func run(_ most: Int) -> String? {
        var text = ""
        while place < format.count {
            guard text.utf8.count <= most else { return nil }
            let scalar = format[place]
            place += 1
            if scalar == "%" { text += directive() } else { text.unicodeScalars.append(scalar) }
        }
        if next < values.count {
            text += "%!(EXTRA " + values[next...].map { "\($0.kind)=\($0.text)" }.joined(separator: ", ") + ")"
        }
        return text
    }

    private mutating func directive() -> String {
        var flags: Set<Unicode.Scalar> = []
        while place < format.count, "+-# 0".unicodeScalars.contains(format[place]) {
            flags.insert(format[place])
            place += 1
        }
        var width = number()
        if let found = width, found < 0 {
            flags.insert("-")
            width = -found
        }
        var precision: Int?
        if place < format.count, format[place] == "." {
            place += 1
            precision = max(0, number() ?? 0)
        }
        guard place < format.count else { return "%!(NOVERB)" }
        let verb = format[place]
        place += 1
        if verb == "%" { return "%" }
        guard next < values.count else { return "%!\(verb)(MISSING)" }
        let value = values[next]
        next += 1
        let body = self.body(verb, value, precision, flags) ?? "%!\(verb)(\(value.kind)=\(value.text))"
        let missing = (width ?? 0) - body.unicodeScalars.count
        guard missing > 0 else { return body }
        if flags.contains("-") { return body + String(repeating: " ", count: missing) }
        if flags.contains("0"), value.number != nil {
            let sign = body.prefix { $0 == "-" || $0 == "+" }
            return sign + String(repeating: "0", count: missing) + body.dropFirst(sign.count)
        }
        return String(repeating: " ", count: missing) + body
    }

    /// Digits, or `*` for the next value.
    private mutating func number() -> Int? {
        if place < format.count, format[place] == "*" {
            place += 1
            guard next < values.count, case .int(let value) = values[next] else { return nil }
            next += 1
            return min(max(value, -Self.widest), Self.widest)
        }
        var value: Int?
        while place < format.count,
            let digit = format[place].properties.numericType == .decimal
                ? Int(format[place].value) - 0x30 : nil, (0...9).contains(digit)
        {
            value = min((value ?? 0) * 10 + digit, Self.widest)
            place += 1
        }
        return value
    }

    private func body(
        _ verb: Unicode.Scalar, _ value: GoValue, _ precision: Int?, _ flags: Set<Unicode.Scalar>
    ) -> String? {
        let plus = flags.contains("+") ? "+" : ""
        switch (verb, value) {
        case ("v", .int(let number)), ("d", .int(let number)): return (number >= 0 ? plus : "") + String(number)
        case ("v", .none), ("s", .none): return verb == "v" ? "<nil>" : "%!s(<nil>)"
        case ("s", .int), ("s", .float), ("s", .bool): return nil
        case ("v", _), ("s", _):
            let text = value.text
            guard let precision, case .string = value else { return text }
            return String(String.UnicodeScalarView(text.unicodeScalars.prefix(precision)))
        case ("q", .string(let text)): return JSONValue.string(text).text()
        case ("t", .bool(let value)): return value ? "true" : "false"
        case ("x", .int(let number)): return String(number, radix: 16)
        case ("X", .int(let number)): return String(number, radix: 16, uppercase: true)
        case ("x", .string(let text)): return text.utf8.hexadecimal
        case ("c", .int(let number)):
            return UInt32(exactly: number).flatMap(Unicode.Scalar.init).map(String.init) ?? "\u{FFFD}"
        case ("g", .float(let number)): return (number >= 0 ? plus : "") + number.goText
        case ("f", .float(let number)), ("F", .float(let number)):
            return (number >= 0 ? plus : "") + Self.fixed(number, min(precision ?? 6, 100))
        default: return nil
        }
    }

    /// A number with this many digits behind the point, rounded to even from its exact decimal value.
    private static func fixed(_ number: Double, _ digits: Int) -> String {
        guard number.isFinite, abs(number) < 1e15, digits <= 3 || abs(number) < 1e9 else { return number.goText }
        let scale = (0..<min(digits, 6)).reduce(1.0) { product, _ in product * 10 }
        let scaled = (abs(number) * scale).rounded(.toNearestOrEven)
        let whole = Int(scaled / scale)
        let rest = String(Int(scaled - Double(whole) * scale))
        let sign = number < 0 ? "-" : ""
        if digits == 0 { return "\(sign)\(Int(scaled))" }
        let zeros = String(repeating: "0", count: max(0, min(digits, 6) - rest.count))
        return "\(sign)\(whole).\(zeros)\(rest)" + String(repeating: "0", count: max(0, digits - 6))
    }
}

/// The text as `html`, `js` or `urlquery` writes it.
func escaped(_ function: String, _ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch (function, scalar) {
        case ("html", "<"): result += "&lt;"
        case ("html", ">"): result += "&gt;"
        case ("html", "&"): result += "&amp;"
        case ("html", "\""): result += "&#34;"
        case ("html", "'"): result += "&#39;"
        case ("js", "\\"): result += "\\\\"
        case ("js", "'"): result += "\\'"
        case ("js", "\""): result += "\\\""
        case ("js", "<"), ("js", ">"), ("js", "&"), ("js", "="):
            result += "\\u00" + String(scalar.value, radix: 16, uppercase: true)
        case ("js", _) where scalar.value < 0x20:
            result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16, uppercase: true)
        case ("urlquery", " "): result += "+"
        case ("urlquery", _) where !(scalar.isASCII && scalar.isURLPlain):
            for byte in String(scalar).utf8 {
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

extension Unicode.Scalar {
    fileprivate var isURLPlain: Bool {
        properties.isAlphabetic || properties.numericType == .decimal || "-_.~".unicodeScalars.contains(self)
    }
}
