public import SwiftletGround

/// Unigram: of all ways to cut a text into tokens, the one with the highest sum of log probabilities (Viterbi).
///
/// Paper: Kudo, "Subword Regularization", 2018. The rules for unknown text are SentencePiece's: a character that is no token
/// costs the lowest score less 10, and unknown neighbours are one token.
public final class UnigramTokenizer: Tokenizer {
    public let vocabulary: Vocabulary
    public let textRules: TextRules
    private let normalize: @Sendable (UnsafeBufferPointer<UInt8>) -> [UInt8]
    private let frame: EncodingFrame
    private let pieces: TokenPieces
    private let words: PreTokenizer
    private let trie: ByteTrie
    private let scores: [Double]
    private let unknown: TokenID
    private let unknownScore: Double
    private let byteTokens: [TokenID]?
    private let fusesUnknownWords: Bool
    private let cache = SharedWordCache()

    /// `scores` has one a token. Text can become the tokens in `matched`, or (nil) those that are not control, unknown or bytes.
    /// Unknown text becomes bytes if these have tokens and `fallsBackToBytes`; unknown neighbours in two words become one
    /// token if `fusesUnknownWords`. Throws without scores or a token for unknown text.
    init(
        _ vocabulary: Vocabulary, scores: [Double], matched: Range<Int>?, fallsBackToBytes: Bool = false,
        words: PreTokenizer? = nil, fusesUnknownWords: Bool = true,
        normalize: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> [UInt8],
        textRules: TextRules, frame: EncodingFrame
    ) throws(TokenizerError) {
        guard let unknown = vocabulary.special.unknown else {
            throw TokenizerError(.missing, "a Unigram vocabulary needs a token for unknown text")
        }
        guard scores.count == vocabulary.count, !scores.contains(where: \.isNaN) else {
            throw TokenizerError(.missing, "a Unigram vocabulary needs scores, one a token")
        }
        self.vocabulary = vocabulary
        self.textRules = textRules
        self.normalize = normalize
        self.frame = frame
        self.unknown = unknown
        let texts = vocabulary.texts.strings
        let kinds = vocabulary.kinds
        pieces = try TokenPieces(vocabulary) { SpaceMark.unescape($0, to: &$1) }
        self.words = words ?? PreTokenizer(SpaceSplitter(texts))
        trie = ByteTrie(texts) { index in
            matched?.contains(index) ?? kinds[index].meets([.normal, .userDefined, .unused])
        }
        self.fusesUnknownWords = fusesUnknownWords
        self.scores = zip(scores, kinds).map { $1.meets(.userDefined) ? 0 : $0 }
        let lowest =
            scores.indices.lazy.filter { matched?.contains($0) ?? kinds[$0].meets(.normal) }
            .map { scores[$0] }.min() ?? 0
        unknownScore = lowest - 10
        let byteTokens = vocabulary.byteTokens()
        self.byteTokens = fallsBackToBytes && !byteTokens.contains(-1) ? byteTokens : nil
    }

    public func bytes(of token: TokenID, special: Bool) throws(TokenizerError) -> ArraySlice<UInt8> {
        try pieces.bytes(of: token, special: special, vocabulary)
    }

    public func encode(_ text: String, addSpecial: Bool, parseSpecial: Bool) -> [TokenID] {
        cache.withCache { cache in
            var lattice = Lattice()
            return frame.encode(text, vocabulary, addSpecial: addSpecial, parseSpecial: parseSpecial) {
                bytes, range, _, output in
                normalize(UnsafeBufferPointer(rebasing: bytes[range])).withUnsafeBufferPointer { text in
                    self.stretch(text, cache, &lattice, &output)
                }
            }
        }
    }

    private func stretch(
        _ text: UnsafeBufferPointer<UInt8>, _ cache: WordCache, _ lattice: inout Lattice, _ output: inout [TokenID]
    ) {
        guard let base = text.baseAddress else { return }
        let stretchStart = output.count
        var start = 0
        for end in words.ends(ScannedText(base, end: text.count), from: 0) {
            let before = output.count
            cache.append(base + start, end - start, to: &output) { output in
                word(UnsafeBufferPointer(start: base + start, count: end - start), &lattice, &output)
            }
            // Unknown neighbours are one token, across words too.
            if fusesUnknownWords, before > stretchStart, output.count > before, output[before] == unknown,
                output[before - 1] == unknown
            {
                output.remove(at: before)
            }
            start = end
        }
    }

    /// The best way to reach each byte: the token that ends there, where it begins, and the sum of scores.
    private struct Lattice {
        var tokens: [TokenID] = []
        var starts: [Int32] = []
        var sums: [Double] = []

        mutating func reset(_ count: Int, unknown: TokenID) {
            tokens.removeAll(keepingCapacity: true)
            starts.removeAll(keepingCapacity: true)
            sums.removeAll(keepingCapacity: true)
            tokens.append(contentsOf: repeatElement(unknown, count: count))
            starts.append(contentsOf: repeatElement(0, count: count))
            sums.append(contentsOf: repeatElement(-Double.greatestFiniteMagnitude, count: count))
            sums[0] = 0
        }

        @inline(__always)
        mutating func offer(_ end: Int, _ token: TokenID, from start: Int, _ sum: Double) {
            guard sum > sums[end] else { return }
            sums[end] = sum
            tokens[end] = token
            starts[end] = Int32(start)
        }
    }

    private func word(_ word: UnsafeBufferPointer<UInt8>, _ lattice: inout Lattice, _ output: inout [TokenID]) {
        lattice.reset(word.count + 1, unknown: unknown)
        var start = 0
        while start < word.count {
            let length = min(ScannedText.length(word[start]), word.count - start)
            let sum = lattice.sums[start]
            var node = ByteTrie.root
            var end = start
            var isCharacterKnown = false
            while end < word.count {
                let step = trie.step(node, word[end])
                if step.child < 0 { break }
                node = step.child
                end += 1
                guard step.value >= 0 else { continue }
                if end - start == length { isCharacterKnown = true }
                lattice.offer(end, step.value, from: start, sum + scores[Int(step.value)])
            }
            if !isCharacterKnown { lattice.offer(start + length, unknown, from: start, sum + unknownScore) }
            start += length
        }
        collect(word, lattice, &output)
    }

    /// Walks back from the end.
    private func collect(_ word: UnsafeBufferPointer<UInt8>, _ lattice: Lattice, _ output: inout [TokenID]) {
        let before = output.count
        var end = word.count
        var followsUnknown = false
        while end > 0 {
            let token = lattice.tokens[end]
            let start = Int(lattice.starts[end])
            if token == unknown, let byteTokens {
                for byte in word[start..<end].reversed() { output.append(byteTokens[Int(byte)]) }
            } else if !(followsUnknown && token == unknown) {
                output.append(token)
            }
            followsUnknown = token == unknown
            end = start
        }
        output[before...].reverse()
    }
}
