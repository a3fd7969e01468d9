public import SwiftletGround

/// WordPiece: each word is taken apart into the longest tokens from its left end on; a word that does not come out even is
/// unknown as a whole.
///
/// Source: Devlin et al., "BERT", 2018. Tokens that begin a word are found with "▁" before them, as GGUF spells them.
public final class WordPieceTokenizer: Tokenizer {
    public let vocabulary: Vocabulary
    public let textRules: TextRules
    private let normalizer: WordPieceNormalizer
    private let frame: EncodingFrame
    private let pieces: TokenPieces
    private let trie: ByteTrie
    private let unknown: TokenID
    /// Words of more characters are unknown.
    private let longestWord: Int
    private let cache = SharedWordCache()

    /// `spellings` are the tokens' texts with "▁" before those that begin a word. Throws without a token for unknown text.
    init(
        _ vocabulary: Vocabulary, spellings: ByteStrings, normalizer: WordPieceNormalizer, longestWord: Int = .max,
        textRules: TextRules, frame: EncodingFrame
    ) throws(TokenizerError) {
        guard let unknown = vocabulary.special.unknown else {
            throw TokenizerError(.missing, "a WordPiece vocabulary needs a token for unknown text")
        }
        self.vocabulary = vocabulary
        self.normalizer = normalizer
        self.textRules = textRules
        self.frame = frame
        self.unknown = unknown
        self.longestWord = longestWord
        // As in `tokenizers`, special tokens are words when they are written out.
        let special: ((ArraySlice<UInt8>) -> [UInt8])? =
            textRules.dropsLeadingSpace ? { [UInt8(ascii: " ")] + $0 } : nil
        pieces = try TokenPieces(vocabulary, spellings, special: special) { SpaceMark.unescape($0, to: &$1) }
        trie = ByteTrie(spellings)
    }

    public func bytes(of token: TokenID, special: Bool) throws(TokenizerError) -> ArraySlice<UInt8> {
        try pieces.bytes(of: token, special: special, vocabulary)
    }

    public func encode(_ text: String, addSpecial: Bool, parseSpecial: Bool) -> [TokenID] {
        cache.withCache { cache in
            frame.encode(text, vocabulary, addSpecial: addSpecial, parseSpecial: parseSpecial) {
                bytes, range, _, output in
                let words = normalizer.words(UnsafeBufferPointer(rebasing: bytes[range]))
                words.bytes.withUnsafeBufferPointer { bytes in
                    guard let base = bytes.baseAddress else { return }
                    var start = 0
                    for end in words.ends {
                        let word = UnsafeBufferPointer(start: base + start, count: end - start)
                        cache.append(base + start, end - start, to: &output) { output in self.word(word, &output) }
                        start = end
                    }
                }
            }
        }
    }

    private func word(_ word: UnsafeBufferPointer<UInt8>, _ output: inout [TokenID]) {
        let before = output.count
        if longestWord < word.count, word.count(where: { $0 & 0xC0 != 0x80 }) > longestWord {
            output.append(unknown)
            return
        }
        var index = 0
        var isBeginning = true
        while index < word.count {
            guard let match = longest(word, index, isBeginning) else {
                output.removeSubrange(before...)
                output.append(unknown)
                return
            }
            output.append(match.token)
            index = match.end
            isBeginning = false
        }
    }

    /// The longest token at `index`, with "▁" before the text if a word begins there.
    private func longest(
        _ word: UnsafeBufferPointer<UInt8>, _ start: Int, _ isBeginning: Bool
    ) -> (token: TokenID, end: Int)? {
        var node = ByteTrie.root
        var best: (TokenID, Int)?
        if isBeginning {
            for byte in SpaceMark.bytes {
                let step = trie.step(node, byte)
                if step.child < 0 { return nil }
                node = step.child
                if step.value >= 0 { best = (step.value, start) }
            }
        }
        var index = start
        while index < word.count {
            let step = trie.step(node, word[index])
            if step.child < 0 { break }
            node = step.child
            index += 1
            if step.value >= 0 { best = (step.value, index) }
        }
        return best
    }
}
