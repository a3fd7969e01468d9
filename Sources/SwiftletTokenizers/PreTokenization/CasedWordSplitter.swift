/// The family of GPT-4o and Mistral's Tekken: words begin with capitals and go on small, with these alternatives first:
/// `PREFIX?UPPER*LOWER+SUFFIX?|PREFIX?UPPER+LOWER*SUFFIX?`, then numbers, punctuation and white space as in Llama 3.
///
/// Two readings of UPPER and LOWER are in use. Model files (GGUF) follow the reference engine, whose regex engine knows no
/// subcategories: a letter without case in ASCII is both. `tokenizer.json` means `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]` and
/// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`. They differ for capitals outside ASCII: "ÉTÉ" is one piece only in the second.
struct CasedWordSplitter: PieceSplitter {
    enum Reading {
        /// `(?=\p{L})[^a-z]` and `(?=\p{L})[^A-Z]`, with marks as letters or not.
        case asciiCase(marks: Bool)
        /// The general categories.
        case categories
    }

    var reading: Reading
    var contractions = true
    var digits = 3

    func end(_ text: ScannedText, _ start: Int) -> Int {
        let byte = text.bytes[start]
        let flags = text.flags(start)
        let second = text.next(start)
        let mayPrefix = !flags.meets([.letter, .number]) && !text.isNewline(start)
        // The regex tries each alternative with the prefix first.
        let word =
            (mayPrefix ? small(text, second) : nil) ?? small(text, start)
            ?? (mayPrefix ? capital(text, second) : nil) ?? capital(text, start)
        if let word {
            if contractions, text.byte(word) == UInt8(ascii: "'") {
                return text.contraction(at: word, anyCase: true) ?? word
            }
            return word
        }
        if flags.meets(.number) { return text.numbers(from: start, atMost: digits) }
        let body = byte == UInt8(ascii: " ") ? second : start
        if body < text.end, !text.flags(body).meets([.whitespace, .letter, .number]) {
            let end = text.run(without: [.whitespace, .letter, .number], from: body)
            return text.newlines(from: end, orSlashes: true)
        }
        return text.whitespace(from: start, newlines: true)
    }

    /// `UPPER*LOWER+`: the run of UPPER, and LOWER after it, or else back to the last scalar of the run that is both.
    private func small(_ text: ScannedText, _ start: Int) -> Int? {
        var position = start
        var lastBothEnd: Int?
        while isUpper(text, position) {
            let next = text.next(position)
            if isLower(text, position) { lastBothEnd = next }
            position = next
        }
        guard isLower(text, position) else { return lastBothEnd }
        while isLower(text, position) { position = text.next(position) }
        return position
    }

    /// `UPPER+LOWER*` where `UPPER*LOWER+` has failed, so that no LOWER follows.
    private func capital(_ text: ScannedText, _ start: Int) -> Int? {
        var position = start
        while isUpper(text, position) { position = text.next(position) }
        return position > start ? position : nil
    }

    @inline(__always)
    private func isUpper(_ text: ScannedText, _ index: Int) -> Bool {
        let flags = text.flags(index)
        switch reading {
        case .asciiCase(let marks):
            guard flags.meets(marks ? [.letter, .mark] : .letter) else { return false }
            return text.bytes[index] < UInt8(ascii: "a") || text.bytes[index] > UInt8(ascii: "z")
        case .categories: return flags.meets([.uppercase, .titlecase, .modifier, .otherLetter, .mark])
        }
    }

    @inline(__always)
    private func isLower(_ text: ScannedText, _ index: Int) -> Bool {
        let flags = text.flags(index)
        switch reading {
        case .asciiCase(let marks):
            guard flags.meets(marks ? [.letter, .mark] : .letter) else { return false }
            return text.bytes[index] < UInt8(ascii: "A") || text.bytes[index] > UInt8(ascii: "Z")
        case .categories: return flags.meets([.lowercase, .modifier, .otherLetter, .mark])
        }
    }
}
