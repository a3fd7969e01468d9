import SwiftletGround

/// A call in Qwen3-Coder's tags, as far as it has been read.
struct FunctionTags {
    let name: String
    var arguments = JSONObject()
    /// The parameter whose value is being read, and where the value begins.
    var parameter: (key: String, from: Int)?
}

extension CallReader {
    /// The name in `<function=name>`.
    mutating func functionTag(_ bytes: [UInt8]) -> Outcome? {
        guard let end = bytes[place...].prefix(256).firstIndex(of: UInt8(ascii: ">")) else {
            return bytes.count - place >= 256 ? .malformed : .more
        }
        let name = bytes.text(place..<end)
        guard tools.contains(name) else { return .malformed }
        place = end + 1
        stage = .parameters(FunctionTags(name: name))
        return nil
    }

    /// Parameters up to `</function>`. A value is the text between its tags without the line breaks beside them.
    mutating func parameters(_ bytes: [UInt8], _ tags: FunctionTags) -> Outcome? {
        var tags = tags
        if let (key, start) = tags.parameter {
            let tag = Array("</parameter>".utf8)
            guard let end = Bytes.find(tag, in: bytes, from: place) else {
                place = max(place, bytes.count - tag.count + 1)
                return .more
            }
            var range = start..<end
            if range.count > 0, bytes[range.lowerBound] == 0x0A { range = range.lowerBound + 1..<range.upperBound }
            if range.count > 0, bytes[range.upperBound - 1] == 0x0A { range = range.lowerBound..<range.upperBound - 1 }
            tags.arguments[key] = tools.value(of: bytes.text(range), parameter: key, tool: tags.name)
            tags.parameter = nil
            place = end + tag.count
        }
        place = bytes.skipSpace(from: place)
        let opener = Array("<parameter=".utf8)
        let closer = Array("</function>".utf8)
        switch (bytes.match(opener, at: place), bytes.match(closer, at: place)) {
        case (_, .full):
            return .calls([ToolCall(name: tags.name, arguments: tags.arguments)], end: place + closer.count)
        case (.full, _):
            let start = place + opener.count
            guard let end = bytes[start...].prefix(256).firstIndex(of: UInt8(ascii: ">")) else {
                stage = .parameters(tags)
                return bytes.count - start >= 256 ? .malformed : .more
            }
            place = end + 1
            tags.parameter = (bytes.text(start..<end), place)
            stage = .parameters(tags)
            return nil
        case (.partial, _), (_, .partial):
            stage = .parameters(tags)
            return .more
        case (.none, .none): return .malformed
        }
    }
}
