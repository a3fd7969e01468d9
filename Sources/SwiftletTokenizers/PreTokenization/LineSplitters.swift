/// `[^\n]+|[\n]+`: lines and the line feeds between them (Gemma 4, Sarvam, Laguna).
struct LineSplitter: PieceSplitter {
    func end(_ text: ScannedText, _ start: Int) -> Int {
        let isLineFeed = text.bytes[start] == UInt8(ascii: "\n")
        var position = start
        while position < text.end, (text.bytes[position] == UInt8(ascii: "\n")) == isLineFeed { position += 1 }
        return position
    }
}

/// `\s+$`: the white space that ends a piece is a piece of its own (DeepSeek LLM).
struct TrailingWhitespaceSplitter: Splitter {
    func split(_ text: ScannedText, from start: Int, into ends: inout [Int]) {
        var position = start
        var runStart = text.end
        while position < text.end {
            if !text.flags(position).meets(.whitespace) {
                runStart = text.end
            } else if runStart == text.end {
                runStart = position
            }
            position = text.next(position)
        }
        if runStart > start, runStart < text.end { ends.append(runStart) }
        if text.end > start { ends.append(text.end) }
    }
}

/// A cut before every "▁" (Metaspace of `tokenizer.json`).
struct MarkSplitter: Splitter {
    func split(_ text: ScannedText, from start: Int, into ends: inout [Int]) {
        var position = start
        while position < text.end {
            if text.bytes[position] == 0xE2, text.byte(position + 1) == 0x96, text.byte(position + 2) == 0x81,
                position > start
            {
                ends.append(position)
            }
            position += 1
        }
        if text.end > start { ends.append(text.end) }
    }
}

/// `\w+|[^\w\s]+` (Whitespace of `tokenizer.json`); white space is left as pieces, to be dropped.
struct WordBoundarySplitter: PieceSplitter {
    func end(_ text: ScannedText, _ start: Int) -> Int {
        let kind = Self.kind(text, start)
        var position = start
        while position < text.end, Self.kind(text, position) == kind { position = text.next(position) }
        return position
    }

    private static func kind(_ text: ScannedText, _ index: Int) -> Int {
        if text.flags(index).meets(.whitespace) { return 0 }
        return text.isWord(index) ? 1 : 2
    }
}
