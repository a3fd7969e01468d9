extension CallReader {
    /// A name and then JSON: Mistral's `name[CALL_ID]id[ARGS]{…}`, DeepSeek's `function<｜tool▁sep｜>name`, fence and JSON, or
    /// `name<｜tool▁sep｜>` and JSON.
    mutating func named(_ bytes: [UInt8], from start: Int) -> Outcome? {
        // Names and ids are short: looking at them again with each piece costs little.
        guard let brace = bytes[start...].prefix(512).firstIndex(of: UInt8(ascii: "{")) else {
            return bytes.count - start >= 512 ? .malformed : .more
        }
        var head = bytes[start..<brace].filter { !$0.isSpace }
        func cut(_ text: String) -> [UInt8]? {
            guard let found = Bytes.find(Array(text.utf8), in: head) else { return nil }
            return Array(head[(found + text.utf8.count)...])
        }
        if case .deepSeek(let isFenced) = syntax {
            if isFenced {
                guard let rest = cut("<｜tool▁sep｜>"), let fence = Bytes.find(Array("```json".utf8), in: rest),
                    fence + 7 == rest.count
                else { return .malformed }
                head = Array(rest[..<fence])
            } else {
                guard let rest = cut("<｜tool▁sep｜>"), rest.isEmpty else { return .malformed }
                head.removeLast("<｜tool▁sep｜>".utf8.count)
            }
        } else {
            if let bracket = head.firstIndex(of: UInt8(ascii: "[")) {
                guard let rest = cut("[ARGS]"), rest.isEmpty else { return .malformed }
                let tail = Array(head[bracket...])
                guard tail == Array("[ARGS]".utf8) || tail.starts(with: "[CALL_ID]".utf8) else { return .malformed }
                head.removeSubrange(bracket...)
            }
        }
        let name = String(decoding: head, as: UTF8.self)
        guard tools.contains(name) else { return .malformed }
        place = brace
        stage = .json(Balance(.json), from: brace, name: name)
        return nil
    }
}
