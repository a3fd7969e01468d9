import SwiftletGround

extension CallReader {
    /// A call of the Gemma family up to its closing token, which generation may stop at.
    mutating func gemma(_ bytes: [UInt8], from start: Int, isLast: Bool) -> Outcome? {
        guard case .gemma(let tokens) = syntax else { return .malformed }
        let closer = Array(tokens.closer.utf8)
        let found = Bytes.find(closer, in: bytes, from: place)
        guard let end = found ?? (isLast ? bytes.count : nil) else {
            place = max(place, bytes.count - closer.count + 1)
            return .more
        }
        var reader = GemmaReader(Array(bytes[start..<end]), quote: Array(tokens.quote.utf8))
        guard let call = reader.call(), tools.contains(call.name) else { return .malformed }
        return .calls([call], end: end)
    }
}

/// A call as Gemma 4 and FunctionGemma write it: `call:name{key:value,…}`, where strings stand between tokens, keys
/// stand bare, and lists and objects are bracketed. JSON's strings are accepted as well.
struct GemmaReader {
    private let bytes: [UInt8]
    private let quote: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8], quote: [UInt8]) {
        self.bytes = bytes
        self.quote = quote
    }

    mutating func call() -> ToolCall? {
        guard takes(Array("call:".utf8)), let brace = bytes[place...].firstIndex(of: UInt8(ascii: "{")) else {
            return nil
        }
        let name = bytes.text(place..<brace).filter { !$0.isWhitespace }
        place = brace
        guard case .object(let arguments)? = value(depth: 0) else { return nil }
        skipSpace()
        return place == bytes.count ? ToolCall(name: name, arguments: arguments) : nil
    }

    private mutating func value(depth: Int) -> JSONValue? {
        guard depth < 128 else { return nil }
        skipSpace()
        guard place < bytes.count else { return nil }
        if takes(quote) {
            guard let end = Bytes.find(quote, in: bytes, from: place) else { return nil }
            defer { place = end + quote.count }
            return .string(bytes.text(place..<end))
        }
        switch bytes[place] {
        case UInt8(ascii: "\""): return jsonString().map { .string($0) }
        case UInt8(ascii: "["):
            place += 1
            var values: [JSONValue] = []
            while !takes([UInt8(ascii: "]")]) {
                guard let value = value(depth: depth + 1) else { return nil }
                values.append(value)
                if takes([UInt8(ascii: ",")]) { continue }
                guard takes([UInt8(ascii: "]")]) else { return nil }
                break
            }
            return .array(values)
        case UInt8(ascii: "{"):
            place += 1
            var object = JSONObject()
            while !takes([UInt8(ascii: "}")]) {
                guard let key = key(), takes([UInt8(ascii: ":")]), let value = value(depth: depth + 1) else {
                    return nil
                }
                object[key] = value
                if takes([UInt8(ascii: ",")]) { continue }
                guard takes([UInt8(ascii: "}")]) else { return nil }
                break
            }
            return .object(object)
        default: return scalar()
        }
    }

    private mutating func key() -> String? {
        if takes(quote) {
            guard let end = Bytes.find(quote, in: bytes, from: place) else { return nil }
            defer { place = end + quote.count }
            return bytes.text(place..<end)
        }
        if place < bytes.count, bytes[place] == UInt8(ascii: "\"") { return jsonString() }
        guard let end = bytes[place...].firstIndex(of: UInt8(ascii: ":")), end > place else { return nil }
        defer { place = end }
        return bytes.text(place..<end)
    }

    /// A number, `true`, `false`, `null`, or bare text as a string, up to the next separator.
    private mutating func scalar() -> JSONValue? {
        let start = place
        while place < bytes.count, !Array(",]}".utf8).contains(bytes[place]) { place += 1 }
        var end = place
        while end > start, bytes[end - 1].isSpace { end -= 1 }
        guard end > start else { return nil }
        let text = bytes.text(start..<end)
        if text == "None" { return .null }
        return (try? JSONValue(parsing: text)) ?? .string(text)
    }

    private mutating func jsonString() -> String? {
        var end = place + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
        guard end < bytes.count, let value = try? JSONValue(parsing: bytes[place...end]) else { return nil }
        place = end + 1
        return value.string
    }

    private mutating func takes(_ text: [UInt8]) -> Bool {
        skipSpace()
        guard bytes.match(text, at: place) == .full else { return false }
        place += text.count
        return true
    }

    private mutating func skipSpace() { place = bytes.skipSpace(from: place) }
}
