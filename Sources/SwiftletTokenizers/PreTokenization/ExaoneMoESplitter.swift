/// EXAONE MoE, whose words go on over single spaces:
/// `CONTRACTION|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+`.
struct ExaoneMoESplitter: PieceSplitter {
    func end(_ text: ScannedText, _ start: Int) -> Int {
        let byte = text.bytes[start]
        if byte == UInt8(ascii: "'"), let end = text.contraction(at: start, anyCase: true) { return end }
        let flags = text.flags(start)
        if flags.meets(.letter) { return words(text, start) }
        if flags.meets(.number) { return text.next(start) }
        let second = text.next(start)
        if !text.isNewline(start), text.flags(second).meets(.letter) { return words(text, second) }
        let body = byte == UInt8(ascii: " ") ? second : start
        if body < text.end, !text.flags(body).meets([.whitespace, .letter, .number]) {
            let end = text.run(without: [.whitespace, .letter, .number], from: body)
            return text.isNewline(end) || text.byte(end) == UInt8(ascii: "/") ? end + 1 : end
        }
        return text.whitespace(from: start, newlines: true)
    }

    private func words(_ text: ScannedText, _ start: Int) -> Int {
        var position = start
        while true {
            position = text.run(.letter, from: position)
            position = text.run(.mark, from: position)
            if text.flags(position).meets(.letter) { continue }
            guard text.byte(position) == UInt8(ascii: " "), text.flags(position + 1).meets(.letter) else {
                return position
            }
            position += 1
        }
    }
}
