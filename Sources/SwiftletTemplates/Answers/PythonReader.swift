import SwiftletGround

/// Calls in Python's notation: `[name(key="value", other={'a': [1, None]})]`, or one call without the list.
///
/// Literals may also be JSON's (`true`, `null`), as LFM2 writes both. Positional arguments are not accepted: they have
/// no name to go under.
struct PythonReader {
    private let bytes: [UInt8]
    private let end: Int
    private var place: Int

    init(_ bytes: [UInt8], from start: Int, to end: Int) {
        self.bytes = bytes
        self.end = end
        place = start
    }

    /// All calls; nil unless the whole text is calls.
    mutating func calls() -> [ToolCall]? {
        var calls: [ToolCall] = []
        if takes("[") {
            while true {
                guard let call = call() else { return nil }
                calls.append(call)
                if takes(",") { continue }
                guard takes("]") else { return nil }
                break
            }
        } else {
            guard let call = call() else { return nil }
            calls.append(call)
        }
        skipSpace()
        return place == end ? calls : nil
    }

    private mutating func call() -> ToolCall? {
        guard let name = name(), takes("(") else { return nil }
        var arguments = JSONObject()
        if takes(")") { return ToolCall(name: name, arguments: arguments) }
        while true {
            guard let key = self.name(), takes("="), let value = value(depth: 0) else { return nil }
            arguments[key] = value
            let goesOn = takes(",")
            if takes(")") { return ToolCall(name: name, arguments: arguments) }
            guard goesOn else { return nil }
        }
    }

    private mutating func name() -> String? {
        skipSpace()
        let start = place
        while place < end, bytes[place].isNamePart { place += 1 }
        return place > start ? bytes.text(start..<place) : nil
    }

    private mutating func value(depth: Int) -> JSONValue? {
        guard depth < 128 else { return nil }
        skipSpace()
        guard place < end else { return nil }
        switch bytes[place] {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return string().map { .string($0) }
        case UInt8(ascii: "["): return list(until: "]", depth: depth)
        case UInt8(ascii: "("): return list(until: ")", depth: depth)
        case UInt8(ascii: "{"): return dictionary(depth: depth)
        default: return literal()
        }
    }

    private mutating func list(until closer: Unicode.Scalar, depth: Int) -> JSONValue? {
        place += 1
        var values: [JSONValue] = []
        while !takes(closer) {
            guard let value = value(depth: depth + 1) else { return nil }
            values.append(value)
            if takes(",") { continue }
            guard takes(closer) else { return nil }
            break
        }
        return .array(values)
    }

    private mutating func dictionary(depth: Int) -> JSONValue? {
        place += 1
        var object = JSONObject()
        while !takes("}") {
            skipSpace()
            guard let key = string(), takes(":"), let value = value(depth: depth + 1) else { return nil }
            object[key] = value
            if takes(",") { continue }
            guard takes("}") else { return nil }
            break
        }
        return .object(object)
    }

    private mutating func literal() -> JSONValue? {
        let start = place
        while place < end, bytes[place].isNamePart || bytes[place] == UInt8(ascii: "+") { place += 1 }
        switch bytes.text(start..<place) {
        case "True", "true": return .bool(true)
        case "False", "false": return .bool(false)
        case "None", "null": return .null
        case let text:
            guard let value = try? JSONValue(parsing: text), value.number != nil else { return nil }
            return value
        }
    }

    private mutating func string() -> String? {
        guard place < end else { return nil }
        let quote = bytes[place]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return nil }
        place += 1
        var text: [UInt8] = []
        while place < end {
            let byte = bytes[place]
            place += 1
            if byte == quote { return String(validating: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard let scalars = escape() else { return nil }
            text.append(contentsOf: scalars)
        }
        return nil
    }

    /// The bytes for an escape after its backslash; an unknown one stays as it is, as in Python.
    private mutating func escape() -> [UInt8]? {
        guard place < end else { return nil }
        let kind = bytes[place]
        place += 1
        switch kind {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "v"): return [0x0B]
        case UInt8(ascii: "a"): return [0x07]
        case UInt8(ascii: "0"): return [0x00]
        case UInt8(ascii: "\n"): return []
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "/"): return [kind]
        case UInt8(ascii: "x"): return code(digits: 2)
        case UInt8(ascii: "U"): return code(digits: 8)
        case UInt8(ascii: "u"): return code(digits: 4)
        default: return [UInt8(ascii: "\\"), kind]
        }
    }

    private mutating func code(digits: Int) -> [UInt8]? {
        guard var code = hexadecimal(digits) else { return nil }
        // Two escapes for one character, as JSON writes those beyond the first 65,536.
        if digits == 4, code & 0xFC00 == 0xD800, bytes.match(Array("\\u".utf8), at: place) == .full {
            place += 2
            guard let low = hexadecimal(4), low & 0xFC00 == 0xDC00 else { return nil }
            code = 0x10000 + ((code & 0x3FF) << 10 | low & 0x3FF)
        }
        return Unicode.Scalar(code).flatMap(UTF8.encode).map(Array.init)
    }

    private mutating func hexadecimal(_ digits: Int) -> UInt32? {
        guard end - place >= digits else { return nil }
        defer { place += digits }
        let text = bytes[place..<place + digits]
        guard text.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt32(String(decoding: text, as: UTF8.self), radix: 16)
    }

    private mutating func takes(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        guard place < end, bytes[place] == UInt8(ascii: scalar) else { return false }
        place += 1
        return true
    }

    private mutating func skipSpace() { place = min(end, bytes.skipSpace(from: place)) }
}
