/// The family of Llama 3 and Qwen 2, whose members differ in a few atoms:
/// `CONTRACTION|[^\r\n\p{L}\p{N}]?LETTERS+|\p{N}{1,DIGITS}| ?[^\s\p{L}\p{N}]+TAIL*|\s*[\r\n]+|\s+(?!\S)|\s+`.
struct WordSplitter: PieceSplitter {
    enum Contractions {
        case none
        /// An alternative of its own, before words: "don", "'t".
        case leading
        /// A suffix of words: "don't" is one piece.
        case trailing
    }

    /// What follows punctuation in the same piece.
    enum Tail {
        case none
        /// `[\r\n]*`
        case newlines
        /// `[\r\n/]*`
        case newlinesAndSlashes
    }

    var contractions = Contractions.leading
    /// What words are made of: letters, or letters and marks.
    var letters: ScalarFlags = .letter
    /// What punctuation is never made of, besides white space and numbers.
    var notPunctuation: ScalarFlags = .letter
    /// The most numbers in a piece.
    var digits = 1
    var tail = Tail.newlines
    /// Jais 2: `\s{512}(?!\S)|\s{256}(?!\S)| ... |\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}` in place of the last two alternatives.
    var whitespaceInPowersOfTwo = false

    @inline(__always)
    func end(_ text: ScannedText, _ start: Int) -> Int {
        let byte = text.bytes[start]
        if byte == UInt8(ascii: "'"), contractions == .leading,
            let end = text.contraction(at: start, anyCase: true)
        {
            return end
        }
        let flags = text.flags(start)
        if flags.meets(letters) { return word(text, start) }
        if flags.meets(.number) { return text.numbers(from: start, atMost: digits) }
        let second = text.next(start)
        let following = text.flags(second)
        if following.meets(letters), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
            return word(text, second)
        }
        if byte == UInt8(ascii: " ") {
            if second < text.end, !following.meets(notPunctuation.union([.whitespace, .number])) {
                return punctuation(text, second)
            }
        } else if !flags.meets(notPunctuation.union(.whitespace)) {
            return punctuation(text, start)
        }
        if whitespaceInPowersOfTwo { return text.whitespaceInPowersOfTwo(from: start) }
        return text.whitespace(from: start, newlines: true)
    }

    @inline(__always)
    private func word(_ text: ScannedText, _ start: Int) -> Int {
        let end = text.run(letters, from: start)
        if contractions == .trailing, text.byte(end) == UInt8(ascii: "'") {
            return text.contraction(at: end, anyCase: true) ?? end
        }
        return end
    }

    @inline(__always)
    private func punctuation(_ text: ScannedText, _ start: Int) -> Int {
        let end = text.run(without: notPunctuation.union([.whitespace, .number]), from: start)
        switch tail {
        case .none: return end
        case .newlines: return text.newlines(from: end)
        case .newlinesAndSlashes: return text.newlines(from: end, orSlashes: true)
        }
    }
}

extension ScannedText {
    /// `\p{N}{1,atMost}`
    @inline(__always)
    func numbers(from start: Int, atMost: Int) -> Int {
        var position = start
        var count = 0
        while count < atMost, flags(position).meets(.number) {
            position = next(position)
            count += 1
        }
        return position
    }

    /// `[\r\n]*` or `[\r\n/]*`
    @inline(__always)
    func newlines(from start: Int, orSlashes: Bool = false) -> Int {
        var position = start
        while isNewline(position) || (orSlashes && byte(position) == UInt8(ascii: "/")) { position += 1 }
        return position
    }

    /// `\s*[\r\n]+` and then pieces of 512, 256, ... white spaces; at most the last is followed by something else.
    func whitespaceInPowersOfTwo(from start: Int) -> Int {
        var position = start
        var newlineEnd = 0
        while flags(position).meets(.whitespace) {
            let isNewline = isNewline(position)
            position = next(position)
            if isNewline { newlineEnd = position }
        }
        if newlineEnd > 0 { return newlineEnd }
        // The run is scanned once for each piece; pieces are long where the run is, so that this stays cheap.
        let reachesEnd = position == end
        var count = 0
        position = start
        while count < 513, flags(position).meets(.whitespace) {
            position = next(position)
            count += 1
        }
        let usable = count == 513 || reachesEnd ? count : count - 1
        var piece = 512
        while piece > 2, piece > usable { piece /= 2 }
        piece = max(1, min(piece, usable))
        position = start
        for _ in 0..<piece { position = next(position) }
        return position
    }
}
