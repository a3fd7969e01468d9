public import SwiftletGround

/// Byte pair encoding: words from a pre-tokenizer, in each of which pairs are merged in the order of a list.
///
/// Paper: Sennrich, Haddow, Birch, "Neural Machine Translation of Rare Words with Subword Units", 2016.
public final class BytePairTokenizer: Tokenizer {
    public let vocabulary: Vocabulary
    public let textRules: TextRules
    private let keepsText: Bool
    private let rules: BytePairRules
    private let laterNormalizer: TextNormalizer?
    private let merges: MergeTable
    private let frame: EncodingFrame
    private let pieces: TokenPieces
    /// The token of each byte: of its character in the byte alphabet, or `<0xNN>`; -1 if there is none.
    private let byteTokens: [TokenID]
    private let cache = SharedWordCache()

    init(
        _ vocabulary: Vocabulary, merges: ByteStrings, rules: BytePairRules, textRules: TextRules, frame: EncodingFrame
    ) throws(TokenizerError) {
        self.vocabulary = vocabulary
        self.rules = rules
        var later = rules.normalizer
        if rules.prefixesFirstOnly, let place = later?.steps.lastIndex(where: \.isPrefix) {
            later?.steps.remove(at: place)
        }
        laterNormalizer = later
        self.textRules = textRules
        self.frame = frame
        self.merges = try MergeTable(merges, vocabulary)
        if rules.isByteLevel {
            pieces = try TokenPieces(vocabulary) { ByteAlphabet.decode($0, to: &$1) }
            byteTokens = (UInt8.min...UInt8.max).map { byte in
                withUnsafePointer(to: byte) { ByteAlphabet.encode(UnsafeBufferPointer(start: $0, count: 1)) }
                    .withUnsafeBufferPointer { vocabulary.texts.find($0) }
            }
        } else {
            pieces = try TokenPieces(vocabulary) {
                if rules.marksSpaces { SpaceMark.unescape($0, to: &$1) } else { $1 += $0 }
            }
            byteTokens = vocabulary.byteTokens()
        }
        let keepsMissing =
            switch rules.missing {
            case .leftOut: false
            case .bytes: true
            case .token(_, let fused, let bytesFirst): bytesFirst || !fused
            }
        keepsText =
            rules.normalizer == nil && !rules.dropsWhitespace && !rules.lowercases && !vocabulary.stripsWhitespace
            && (rules.isByteLevel || keepsMissing && !byteTokens.contains(-1))
    }

    public func bytes(of token: TokenID, special: Bool) throws(TokenizerError) -> ArraySlice<UInt8> {
        try pieces.bytes(of: token, special: special, vocabulary)
    }

    public func fewestTokens(of text: String) -> Int {
        guard keepsText else { return 0 }
        var kept = 0
        // A byte without a token may be left out.
        for byte in text.utf8 where byteTokens[Int(byte)] >= 0 { kept += 1 }
        // A character without one takes the same token as others.
        return kept / max(4, pieces.longest)
    }

    public func encode(_ text: String, addSpecial: Bool, parseSpecial: Bool) -> [TokenID] {
        cache.withCache { cache in
            var merger = PairMerger()
            return frame.encode(text, vocabulary, addSpecial: addSpecial, parseSpecial: parseSpecial) {
                bytes, range, _, output in
                let stretch = UnsafeBufferPointer(rebasing: bytes[range])
                guard let changed = changed(stretch, isFirst: range.lowerBound == 0) else {
                    return words(stretch, cache, &merger, &output)
                }
                changed.withUnsafeBufferPointer { words($0, cache, &merger, &output) }
            }
        }
    }

    /// The text as the pre-tokenizer wants it, or nil if that is the text itself.
    private func changed(_ text: UnsafeBufferPointer<UInt8>, isFirst: Bool) -> [UInt8]? {
        if let normalizer = isFirst ? rules.normalizer : laterNormalizer { return normalizer.normalize(text) }
        if rules.lowercases { return CaseMapping.lowercased(text) }
        return rules.escapesSpaces ? SpaceMark.escape(text, prefixed: false) : nil
    }

    private func words(
        _ text: UnsafeBufferPointer<UInt8>, _ cache: WordCache, _ merger: inout PairMerger, _ output: inout [TokenID]
    ) {
        guard let base = text.baseAddress else { return }
        let scanned = ScannedText(base, end: text.count)
        var start = 0
        for end in rules.preTokenizer.ends(scanned, from: 0) {
            let word = UnsafeBufferPointer(start: base + start, count: end - start)
            if !(rules.dropsWhitespace && scanned.flags(start).meets(.whitespace)) {
                cache.append(base + start, end - start, to: &output) { output in
                    self.word(word, &merger, &output)
                }
            }
            start = end
        }
    }

    private func word(_ word: UnsafeBufferPointer<UInt8>, _ merger: inout PairMerger, _ output: inout [TokenID]) {
        if let token = whole(word) {
            output.append(token)
            return
        }
        merger.clear()
        if rules.isByteLevel {
            for (index, byte) in word.enumerated() {
                merger.append(MergeSymbol(token: byteTokens[Int(byte)], start: Int32(index), length: 1))
            }
        } else {
            var index = 0
            while index < word.count {
                let length = min(ScannedText.length(word[index]), word.count - index)
                let token = vocabulary.texts.find(UnsafeBufferPointer(rebasing: word[index..<index + length]))
                merger.append(MergeSymbol(token: token, start: Int32(index), length: Int32(length)))
                index += length
            }
        }
        merger.merge(merges)
        var fusing = false
        for symbol in merger.symbols where symbol.length > 0 {
            if symbol.token >= 0 {
                output.append(symbol.token)
                fusing = false
            } else {
                missing(word[Int(symbol.start)..<Int(symbol.start + symbol.length)], &fusing, &output)
            }
        }
    }

    /// The token of the word as a whole, where rules prefer it to merges.
    private func whole(_ word: UnsafeBufferPointer<UInt8>) -> TokenID? {
        guard rules.ignoresMerges || (rules.keepsLineFeeds && word.first == UInt8(ascii: "\n")) else { return nil }
        let token =
            rules.isByteLevel
            ? ByteAlphabet.encode(word).withUnsafeBufferPointer { vocabulary.texts.find($0) }
            : vocabulary.texts.find(word)
        return token >= 0 ? token : nil
    }

    private func missing(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ fusing: inout Bool, _ output: inout [TokenID]) {
        var unknown: (token: TokenID, fused: Bool)?
        switch rules.missing {
        case .leftOut: return
        case .bytes: break
        case .token(let token, let fused, let bytesFirst):
            if !bytesFirst || bytes.contains(where: { byteTokens[Int($0)] < 0 }) { unknown = (token, fused) }
        }
        if let unknown {
            if !(fusing && unknown.fused) { output.append(unknown.token) }
            fusing = true
        } else {
            for byte in bytes where byteTokens[Int(byte)] >= 0 { output.append(byteTokens[Int(byte)]) }
            fusing = false
        }
    }
}
