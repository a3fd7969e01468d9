import SwiftletGround

extension GoValue {
    /// The value as `{{.}}` prints it, which is Go's `%v`.
    var text: String {
        switch self {
        case .none: "<no value>"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .float(let value): value.goText
        case .string(let text): text
        case .list(let elements, let printing):
            printing.text ?? "[" + elements.map(\.innerText).joined(separator: " ") + "]"
        case .map(let map):
            map.printing.text
                ?? "map[" + map.entries.map { $0.key + ":" + $0.value.innerText }.joined(separator: " ") + "]"
        case .object(let object):
            object.json.map(\.goText) ?? "{" + object.fields.map(\.value.innerText).joined(separator: " ") + "}"
        }
    }

    private var innerText: String {
        if case .none = self { "<nil>" } else { text }
    }

    /// The value as the function `json` sees it.
    var json: JSONValue {
        switch self {
        case .none: .null
        case .bool(let value): .bool(value)
        case .int(let value): .integer(Int64(value))
        case .float(let value): .number(value)
        case .string(let text): .string(text)
        case .list(let elements, let printing):
            if case .json(let value) = printing { value } else { .array(elements.map(\.json)) }
        case .map(let map):
            if case .json(let value) = map.printing {
                value
            } else {
                .object(JSONObject(map.entries.map { ($0.key, $0.value.json) }))
            }
        case .object(let object):
            object.json ?? .object(JSONObject(object.fields.map { ($0.name, $0.value.json) }))
        }
    }
}

extension GoValue.GoPrinting {
    var text: String? {
        switch self {
        case .usual: nil
        case .json(let value): value.goText
        case .text(let text): text
        }
    }
}

extension Double {
    /// As Go's `%v` writes it: `3`, `0.5`, `1e+06`, `1e-05`.
    var goText: String {
        if !isFinite { return isNaN ? "NaN" : self < 0 ? "-Inf" : "+Inf" }
        if self == 0 { return sign == .minus ? "-0" : "0" }
        let (digits, exponent) = magnitude.digits
        let minus = self < 0 ? "-" : ""
        if exponent < -4 || exponent >= 6 {
            let fraction = digits.dropFirst().isEmpty ? "" : "." + digits.dropFirst()
            let power = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
            return "\(minus)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(power)"
        }
        return minus + Self.plain(digits, exponent)
    }

    /// As Go's encoding/json writes it.
    var goJSONText: String {
        guard isFinite else { return "null" }
        if self == 0 { return sign == .minus ? "-0" : "0" }
        let (digits, exponent) = magnitude.digits
        if exponent >= -6, exponent < 21 { return (self < 0 ? "-" : "") + Self.plain(digits, exponent) }
        return goText.replacingEnd("e-0", by: "e-")
    }

    private static func plain(_ digits: String, _ exponent: Int) -> String {
        if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
        if digits.count <= exponent + 1 { return digits + String(repeating: "0", count: exponent + 1 - digits.count) }
        return "\(digits.prefix(exponent + 1)).\(digits.dropFirst(exponent + 1))"
    }

    /// The shortest digits that mean this value, and the power of ten of the first.
    private var digits: (String, Int) {
        let parts = description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = String(mantissa[0])
        let fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
        var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + whole.count - 1
        var digits = Substring(whole + fraction)
        while digits.hasPrefix("0"), digits.count > 1 {
            digits = digits.dropFirst()
            exponent -= 1
        }
        while digits.hasSuffix("0"), digits.count > 1 { digits = digits.dropLast() }
        return (String(digits), exponent)
    }
}

extension String {
    /// Go's JSON writes exponents below ten with one digit.
    fileprivate func replacingEnd(_ mark: String, by other: String) -> String {
        guard hasSuffix("\(mark)\(last.map(String.init) ?? "")"), let last else { return self }
        return dropLast(mark.count + 1) + other + String(last)
    }
}

extension JSONValue {
    /// Compact JSON as Go's encoding/json writes it: `<`, `>`, `&` and line separators as escapes.
    var goText: String {
        var writer = GoJSONWriter()
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The same value with the keys of all objects sorted, as a Go map has them.
    var sorted: JSONValue {
        switch self {
        case .array(let values): .array(values.map(\.sorted))
        case .object(let object):
            .object(
                JSONObject(
                    object.members.sorted { ByteString($0.key) < ByteString($1.key) }.map { ($0.key, $0.value.sorted) })
            )
        default: self
        }
    }
}

private struct GoJSONWriter {
    var bytes: [UInt8] = []

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append(String(value))
        case .number(let value): append(value.goJSONText)
        case .string(let text): write(text)
        case .array(let values):
            append("[")
            for (index, value) in values.enumerated() {
                if index > 0 { append(",") }
                write(value)
            }
            append("]")
        case .object(let object):
            append("{")
            for (index, member) in object.members.enumerated() {
                if index > 0 { append(",") }
                write(member.key)
                append(":")
                write(member.value)
            }
            append("}")
        }
    }

    private mutating func write(_ text: String) {
        append("\"")
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: append("\\\"")
            case 0x5C: append("\\\\")
            case 0x08: append("\\b")
            case 0x0C: append("\\f")
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0..<0x20, 0x3C, 0x3E, 0x26, 0x2028, 0x2029:
                let digits = String(scalar.value, radix: 16)
                append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.EncodedScalar())
            }
        }
        append("\"")
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
