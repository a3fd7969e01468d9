/// Finds the special tokens that are spelled out in a text.
///
/// Longer tokens first, each from left to right in what is left of the text: the order of the reference engine.
/// Cost: one pass over the text, and at each place where two bytes begin a token, a look-up for each length of tokens.
struct SpecialTokenFinder: Sendable {
    enum Fragment: Equatable {
        case text(Range<Int>)
        case token(TokenID)
    }

    /// Tokens by text, for each length from the longest.
    private let lengths: [Int]
    private let kinds: [TokenID: TokenKind]
    /// A bit for each pair of first bytes of a token; all pairs of a first byte if a token has one byte.
    private let beginnings: [UInt64]
    /// Whether all of Unicode's white space is stripped beside tokens, or ASCII's alone.
    private let stripsUnicode: Bool

    /// Finds the tokens with one of the kinds in `wanted` and none of those in `unwanted`.
    init(_ vocabulary: Vocabulary, kinds wanted: TokenKind, except unwanted: TokenKind, stripsUnicode: Bool) {
        var lengths: Set<Int> = []
        var kinds: [TokenID: TokenKind] = [:]
        var beginnings: [UInt64] = []
        for (index, kind) in vocabulary.kinds.enumerated() where kind.meets(wanted) && !kind.meets(unwanted) {
            let text = vocabulary.texts.strings[index]
            guard let first = text.first else { continue }
            if beginnings.isEmpty { beginnings = [UInt64](repeating: 0, count: 65536 / 64) }
            lengths.insert(text.count)
            kinds[TokenID(index)] = kind
            if text.count > 1 {
                let pair = Int(first) << 8 | Int(text[text.startIndex + 1])
                beginnings[pair >> 6] |= 1 << UInt64(pair & 63)
            } else {
                for word in Int(first) << 2..<Int(first) << 2 + 4 { beginnings[word] = .max }
            }
        }
        self.lengths = lengths.sorted(by: >)
        self.kinds = kinds
        self.beginnings = beginnings
        self.stripsUnicode = stripsUnicode
    }

    func fragments(_ text: UnsafeBufferPointer<UInt8>, _ vocabulary: Vocabulary) -> [Fragment] {
        guard let base = text.baseAddress, !text.isEmpty else { return [] }
        let places = places(text)
        var fragments: [Fragment] = [.text(0..<text.count)]
        if places.isEmpty { return fragments }
        for length in lengths {
            var cut: [Fragment] = []
            var place = 0
            for fragment in fragments {
                guard case .text(let range) = fragment else {
                    cut.append(fragment)
                    continue
                }
                var start = range.lowerBound
                while place < places.count, places[place] < range.upperBound {
                    let found = places[place]
                    place += 1
                    guard found >= start, found + length <= range.upperBound else { continue }
                    let token = vocabulary.texts.find(base + found, length)
                    guard token >= 0, let kind = kinds[token] else { continue }
                    var end = found
                    if kind.meets(.stripsLeft) { end = stripped(before: end, from: start, base) }
                    if end > start { cut.append(.text(start..<end)) }
                    cut.append(.token(token))
                    start = found + length
                    if kind.meets(.stripsRight) {
                        start = stripped(after: start, to: range.upperBound, base)
                    }
                }
                if start < range.upperBound { cut.append(.text(start..<range.upperBound)) }
            }
            fragments = cut
        }
        return fragments
    }

    /// Where a token may begin.
    private func places(_ text: UnsafeBufferPointer<UInt8>) -> [Int] {
        guard !beginnings.isEmpty else { return [] }
        var places: [Int] = []
        beginnings.withUnsafeBufferPointer { beginnings in
            var pair = Int(text[0])
            for index in 0..<text.count {
                pair = (pair & 0xFF) << 8 | (index + 1 < text.count ? Int(text[index + 1]) : 0)
                if beginnings[pair >> 6] >> UInt64(pair & 63) & 1 != 0 { places.append(index) }
            }
        }
        return places
    }

    private func stripped(before end: Int, from start: Int, _ base: UnsafePointer<UInt8>) -> Int {
        let text = ScannedText(base, end: end)
        var end = end
        while end > start {
            var previous = end - 1
            while previous > start, base[previous] & 0xC0 == 0x80 { previous -= 1 }
            guard isSpace(text, previous) else { break }
            end = previous
        }
        return end
    }

    private func stripped(after start: Int, to end: Int, _ base: UnsafePointer<UInt8>) -> Int {
        let text = ScannedText(base, end: end)
        var start = start
        while start < end, isSpace(text, start) { start = text.next(start) }
        return start
    }

    private func isSpace(_ text: ScannedText, _ index: Int) -> Bool {
        (stripsUnicode || text.bytes[index] < 0x80) && text.flags(index).meets(.whitespace)
    }
}
