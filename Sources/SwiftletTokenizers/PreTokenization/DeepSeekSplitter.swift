/// The main step of DeepSeek V3, which knows punctuation and symbols by category, and no numbers (a step before took them):
/// `[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|`
/// `\s+(?!\S)|\s+`. What no alternative matches stays together as a piece.
struct DeepSeekSplitter: Splitter {
    /// Spark 2.5: ` ?[\p{P}\p{S}]+|[\r\n]|` in place of the two alternatives with `[\r\n]`.
    var newlinesAlone = false

    func split(_ text: ScannedText, from start: Int, into ends: inout [Int]) {
        var position = start
        var unmatched = false
        while position < text.end {
            if let end = end(text, position) {
                if unmatched { ends.append(position) }
                ends.append(end)
                unmatched = false
                position = end
            } else {
                unmatched = true
                position = text.next(position)
            }
        }
        if unmatched { ends.append(position) }
    }

    @inline(__always)
    private func end(_ text: ScannedText, _ start: Int) -> Int? {
        let byte = text.bytes[start]
        let flags = text.flags(start)
        let second = text.next(start)
        let following = text.flags(second)
        if flags.meets([.punctuation, .symbol]) {
            if byte < 0x80, Self.isASCIILetter(text.byte(second)) {
                var position = second
                while Self.isASCIILetter(text.byte(position)) { position += 1 }
                return position
            }
            return punctuation(text, start)
        }
        if flags.meets([.letter, .mark]) { return text.run([.letter, .mark], from: start) }
        if following.meets([.letter, .mark]), !text.isNewline(start) {
            return text.run([.letter, .mark], from: second)
        }
        if byte == UInt8(ascii: " "), following.meets([.punctuation, .symbol]) { return punctuation(text, second) }
        guard flags.meets(.whitespace) else { return nil }
        if newlinesAlone {
            return text.isNewline(start) ? second : text.whitespace(from: start, newlines: false)
        }
        return text.whitespace(from: start, newlines: true)
    }

    @inline(__always)
    private func punctuation(_ text: ScannedText, _ start: Int) -> Int {
        let end = text.run([.punctuation, .symbol], from: start)
        return newlinesAlone ? end : text.newlines(from: end)
    }

    @inline(__always)
    private static func isASCIILetter(_ byte: UInt8) -> Bool {
        let small = byte | 0x20
        return small >= UInt8(ascii: "a") && small <= UInt8(ascii: "z")
    }
}
