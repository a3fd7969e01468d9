/// `[^\n]+|[\n]+`: lines and the line feeds between them (Gemma 4, Sarvam, Laguna).
struct LineSplitter: Splitter {
    func split(_ text: ScannedText, from start: Int, into ends: inout [Int]) {
        var position = start
        while position < text.end {
            let isLineFeed = text.bytes[position] == UInt8(ascii: "\n")
            while position < text.end, (text.bytes[position] == UInt8(ascii: "\n")) == isLineFeed { position += 1 }
            ends.append(position)
        }
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
