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

    /// Finds the tokens with one of the kinds in `wanted` and none of those in `unwanted`.
    init(_ vocabulary: Vocabulary, kinds wanted: TokenKind, except unwanted: TokenKind) {
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
                    if kind.meets(.stripsLeft) { while end > start, Self.isSpace(text[end - 1]) { end -= 1 } }
                    if end > start { cut.append(.text(start..<end)) }
                    cut.append(.token(token))
                    start = found + length
                    if kind.meets(.stripsRight) {
                        while start < range.upperBound, Self.isSpace(text[start]) { start += 1 }
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

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
    }
}
