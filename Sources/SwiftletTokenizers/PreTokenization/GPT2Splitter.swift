/// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
struct GPT2Splitter: PieceSplitter {
    @inline(__always)
    func end(_ text: ScannedText, _ start: Int) -> Int {
        let byte = text.bytes[start]
        if byte == UInt8(ascii: "'"), let end = text.contraction(at: start, anyCase: false) { return end }
        let body = byte == UInt8(ascii: " ") ? start + 1 : start
        let flags = text.flags(body)
        if flags.meets(.letter) { return text.run(.letter, from: body) }
        if flags.meets(.number) { return text.run(.number, from: body) }
        if body < text.end, !flags.meets(.whitespace) {
            return text.run(without: [.whitespace, .letter, .number], from: body)
        }
        return text.whitespace(from: start, newlines: false)
    }
}
