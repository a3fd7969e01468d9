/// BERT's text cleaning: white space parts words, control characters vanish, accents and capitals too if asked, and
/// punctuation and Chinese characters are words of their own.
struct WordPieceNormalizer: Sendable {
    /// How far a character is taken apart before its accents are dropped.
    enum Decomposing: Sendable {
        /// To the base character alone, as in the reference engine; a Hangul syllable becomes its first consonant.
        case base
        /// To all parts (NFD), as in `tokenizers`, which then drops nonspacing marks only.
        case parts
    }

    var lowercases = true
    var stripsAccents = true
    var decomposing = Decomposing.base
    var cleansText = true
    var partsChinese = true

    /// Normalized words in a row.
    struct Words {
        var bytes: [UInt8] = []
        /// Where each word ends.
        var ends: [Int] = []

        mutating func flush() {
            if bytes.count > ends.last ?? 0 { ends.append(bytes.count) }
        }
    }

    /// The words of the text. Linear.
    func words(_ text: UnsafeBufferPointer<UInt8>) -> Words {
        var words = Words()
        guard let base = text.baseAddress else { return words }
        words.bytes.reserveCapacity(text.count)
        words.ends.reserveCapacity(text.count / 4)
        let scanned = ScannedText(base, end: text.count)
        var parts: [UInt32] = []
        var index = 0
        while index < text.count {
            let byte = base[index]
            if byte < 0x80 {
                index += 1
                append(ascii: byte, scanned.flags(of: UInt32(byte)), &words)
                continue
            }
            let scalar = scanned.scalar(index)
            index = scanned.next(index)
            guard stripsAccents else {
                append(scalar, scanned.flags(of: scalar), &words)
                continue
            }
            parts.removeAll(keepingCapacity: true)
            Decomposition.append(scalar, to: &parts)
            for part in decomposing == .base ? parts[..<1] : parts[...] {
                append(part, scanned.flags(of: part), &words)
            }
        }
        words.flush()
        return words
    }

    @inline(__always)
    private func append(ascii byte: UInt8, _ flags: ScalarFlags, _ words: inout Words) {
        if flags.meets([.letter, .number]) {
            let isCapital = byte >= 0x41 && byte <= 0x5A
            words.bytes.append(lowercases && isCapital ? byte | 0x20 : byte)
        } else if flags.meets(.whitespace), decomposing == .base || !flags.meets(.control) || Self.isBlank(byte) {
            words.flush()
        } else if flags.meets([.punctuation, .symbol]) {
            words.flush()
            words.bytes.append(byte)
            words.flush()
        } else if !cleansText {
            words.bytes.append(byte)
        }
    }

    private func append(_ scalar: UInt32, _ flags: ScalarFlags, _ words: inout Words) {
        if flags.meets(.whitespace), decomposing == .base || !flags.meets(.control) {
            words.flush()
            return
        }
        if cleansText, scalar == 0xFFFD || flags.meets(.control) { return }
        if stripsAccents, flags.meets(decomposing == .base ? .mark : .nonspacing) { return }
        let isAlone = flags.meets(.punctuation) || (partsChinese && Self.isChinese(scalar))
        if isAlone { words.flush() }
        words.bytes.append(scalar: lowercases ? CaseMapping.lowercase(scalar) : scalar)
        if isAlone { words.flush() }
    }

    /// The control characters that `tokenizers` takes for white space; the others vanish there.
    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    /// The blocks that BERT calls Chinese, with the one wrong bound (0x2B920) that both `tokenizers` and llama.cpp have.
    private static func isChinese(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
