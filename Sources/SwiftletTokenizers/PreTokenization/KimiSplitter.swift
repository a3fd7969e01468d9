/// Kimi K2: `\p{Han}+`, then words of other letters with a contraction as suffix, and the rest as in Llama 3.
///
/// As in the reference engine, words are runs of letters whatever their case, and Han are the ideograph blocks.
struct KimiSplitter: PieceSplitter {
    @inline(__always)
    func end(_ text: ScannedText, _ start: Int) -> Int {
        let flags = text.flags(start)
        if flags.meets(.han) { return text.run(.han, from: start) }
        if flags.meets(.letter) { return word(text, start) }
        if flags.meets(.number) { return text.numbers(from: start, atMost: 3) }
        let second = text.next(start)
        if !text.isNewline(start), isWord(text.flags(second)) { return word(text, second) }
        let body = text.bytes[start] == UInt8(ascii: " ") ? second : start
        if body < text.end, !text.flags(body).meets([.whitespace, .letter, .number]) {
            return text.newlines(from: text.run(without: [.whitespace, .letter, .number], from: body))
        }
        return text.whitespace(from: start, newlines: true)
    }

    private func word(_ text: ScannedText, _ start: Int) -> Int {
        var position = start
        while isWord(text.flags(position)) { position = text.next(position) }
        if text.byte(position) == UInt8(ascii: "'") { return text.contraction(at: position, anyCase: true) ?? position }
        return position
    }

    @inline(__always)
    private func isWord(_ flags: ScalarFlags) -> Bool {
        flags.meets(.letter) && !flags.meets(.han)
    }
}
