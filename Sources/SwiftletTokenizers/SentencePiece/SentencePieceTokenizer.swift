public import SwiftletGround

/// SentencePiece with scores for merges: neighbours whose text is a token are joined, the highest score first.
///
/// Source: Kudo, Richardson, "SentencePiece", 2018; the merging order is the one of llama.cpp's SPM tokenizer.
public final class SentencePieceTokenizer: Tokenizer {
    public let vocabulary: Vocabulary
    public let textRules: TextRules
    private let addsSpacePrefix: Bool
    private let frame: EncodingFrame
    private let pieces: TokenPieces
    private let words: PreTokenizer
    private let byteTokens: [TokenID]
    /// The place of each token's score among all scores, the highest being 0.
    private let ranks: [UInt32]
    private let cache = SharedWordCache()

    /// Throws if scores are missing, or if neither bytes nor unknown text have tokens.
    init(_ vocabulary: Vocabulary, addsSpacePrefix: Bool, textRules: TextRules) throws(TokenizerError) {
        guard vocabulary.scores.count == vocabulary.count else {
            throw TokenizerError(.missing, "a SentencePiece vocabulary needs scores, one a token")
        }
        self.vocabulary = vocabulary
        self.addsSpacePrefix = addsSpacePrefix
        self.textRules = textRules
        frame = try EncodingFrame(vocabulary)
        pieces = try TokenPieces(vocabulary) { SpaceMark.unescape($0, to: &$1) }
        words = PreTokenizer(SpaceSplitter(vocabulary.texts.strings))
        ranks = Self.ranks(vocabulary.scores)
        byteTokens = vocabulary.byteTokens().map { $0 >= 0 ? $0 : vocabulary.special.unknown ?? -1 }
        guard !byteTokens.contains(-1) else {
            throw TokenizerError(.malformed, "there are bytes without a token <0xNN>, and no token for unknown text")
        }
    }

    private static func ranks(_ scores: [Float]) -> [UInt32] {
        var ranks = [UInt32](repeating: 0, count: scores.count)
        var rank: UInt32 = 0
        var previous: Float?
        for index in scores.indices.sorted(by: { scores[$0] > scores[$1] }) {
            if let previous, scores[index] < previous { rank += 1 }
            previous = scores[index]
            ranks[index] = rank
        }
        return ranks
    }

    public func bytes(of token: TokenID, special: Bool) throws(TokenizerError) -> ArraySlice<UInt8> {
        try pieces.bytes(of: token, special: special, vocabulary)
    }

    public func fewestTokens(of text: String) -> Int {
        vocabulary.stripsWhitespace ? 0 : text.utf8.count / max(1, pieces.longest)
    }

    public func encode(_ text: String, addSpecial: Bool, parseSpecial: Bool) -> [TokenID] {
        cache.withCache { cache in
            var merger = PairMerger()
            return frame.encode(text, vocabulary, addSpecial: addSpecial, parseSpecial: parseSpecial) {
                bytes, range, followsSpecial, output in
                SpaceMark.escape(
                    UnsafeBufferPointer(rebasing: bytes[range]), prefixed: addsSpacePrefix && followsSpecial
                ).withUnsafeBufferPointer { escaped in
                    guard let base = escaped.baseAddress else { return }
                    var start = 0
                    for end in words.ends(ScannedText(base, end: escaped.count), from: 0) {
                        let word = UnsafeBufferPointer(start: base + start, count: end - start)
                        cache.append(base + start, end - start, to: &output) { output in
                            self.word(word, &merger, &output)
                        }
                        start = end
                    }
                }
            }
        }
    }

    private func word(_ word: UnsafeBufferPointer<UInt8>, _ merger: inout PairMerger, _ output: inout [TokenID]) {
        let whole = vocabulary.texts
        merger.clear()
        var index = 0
        while index < word.count {
            let length = min(ScannedText.length(word[index]), word.count - index)
            merger.append(MergeSymbol(token: -1, start: Int32(index), length: Int32(length)))
            index += length
        }
        merger.merge(ScoreRanking(word: word, texts: whole, ranks: ranks))
        for symbol in merger.symbols where symbol.length > 0 {
            let bytes = word[Int(symbol.start)..<Int(symbol.start + symbol.length)]
            let token = symbol.token >= 0 ? symbol.token : whole.find(UnsafeBufferPointer(rebasing: bytes))
            if token >= 0 {
                output.append(token)
            } else {
                for byte in bytes { output.append(byteTokens[Int(byte)]) }
            }
        }
    }
}

/// Ranks a pair by the score of the token that it spells.
private struct ScoreRanking: PairRanking {
    let word: UnsafeBufferPointer<UInt8>
    let texts: ByteIndex
    let ranks: [UInt32]

    @inline(__always)
    func pair(_ left: MergeSymbol, _ right: MergeSymbol) -> (rank: UInt32, token: TokenID)? {
        let start = Int(left.start)
        let token = texts.find(UnsafeBufferPointer(rebasing: word[start..<start + Int(left.length + right.length)]))
        return token >= 0 ? (ranks[Int(token)], token) : nil
    }
}
