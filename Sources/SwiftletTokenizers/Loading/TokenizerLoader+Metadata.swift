public import SwiftletGround

extension TokenizerLoader {
    /// The tokenizer that the keys `tokenizer.ggml.*` describe.
    ///
    /// Throws, naming what it is, if a kind of tokenizer or pre-tokenizer is unknown, if a key is missing or lies.
    public static func load(from metadata: some TokenizerMetadata) throws(TokenizerError) -> any Tokenizer {
        // Two names say that there is none, as in llama.cpp.
        guard let model = try metadata.string(prefix + "model"), model != "none", model != "no_vocab" else {
            throw TokenizerError(
                .missing, "the model has no vocabulary", at: "key \(prefix)model", advice: incompleteAdvice)
        }
        switch model {
        case "gpt2", "gemma4", "whitespace": return try bytePair(metadata, model: model)
        case "llama": return try sentencePiece(metadata)
        case "bert": return try wordPiece(metadata)
        case "t5": return try unigram(metadata)
        default:
            throw TokenizerError(
                .unsupported, "the tokenizer \"\(model)\" is unknown", at: "key \(prefix)model",
                advice: "Swiftlet knows gpt2, gemma4, whitespace, llama, bert and t5")
        }
    }

    private static func bytePair(_ metadata: some TokenizerMetadata, model: String) throws(TokenizerError)
        -> any Tokenizer
    {
        let key = prefix + "pre"
        let name = model == "gemma4" ? "gemma4" : try metadata.string(key) ?? ""
        guard let family = PreTokenizerFamily.named(name) else {
            let problem =
                name.isEmpty
                ? "the vocabulary does not say which pre-tokenizer it needs"
                : "the pre-tokenizer \"\(name)\" is unknown"
            throw TokenizerError(
                .unsupported, problem, at: "key \(key)",
                advice: "Convert the model again with a converter that knows its pre-tokenizer")
        }
        guard let merges = try metadata.strings(prefix + "merges") ?? (name == "kimi-k2" ? ByteStrings() : nil) else {
            throw TokenizerError(
                .missing, "a byte pair vocabulary needs merges", at: "key \(prefix)merges", advice: incompleteAdvice)
        }
        var defaults = SpecialTokens()
        if model != "gemma4" {
            defaults.beginningOfSequence = family.hasNoBeginning ? nil : 11
            defaults.endOfSequence = 11
        }
        var vocabulary = try vocabulary(
            metadata, defaults, addsBeginning: family.addsBeginning, addsEnd: false, addsSeparator: family.addsSeparator
        )
        if family.alwaysAddsBeginning { vocabulary.addsBeginning = true }
        var rules = BytePairRules(preTokenizer: family.preTokenizer)
        rules.ignoresMerges = family.ignoresMerges
        if family.isCharacterLevel {
            rules.isByteLevel = false
            rules.missing = .bytes
            rules.escapesSpaces = family.escapesSpaces
            rules.marksSpaces = family.escapesSpaces
            rules.keepsLineFeeds = family.keepsLineFeeds
            rules.preTokenizer = PreTokenizer(
                steps: family.preTokenizer.steps
                    + (family.escapesSpaces ? [SpaceSplitter(vocabulary.texts.strings)] : []))
        }
        if model == "whitespace" {
            rules.dropsWhitespace = true
            rules.lowercases = try metadata.bool(prefix + "normalizer.lowercase") ?? false
        }
        return try BytePairTokenizer(
            vocabulary, merges: merges, rules: rules,
            textRules: TextRules(dropsLeadingSpace: false, cleansSpaces: family.cleansSpaces),
            frame: EncodingFrame(vocabulary))
    }

    private static func sentencePiece(_ metadata: some TokenizerMetadata) throws(TokenizerError) -> any Tokenizer {
        var defaults = SpecialTokens()
        defaults.beginningOfSequence = 1
        defaults.endOfSequence = 2
        defaults.unknown = 0
        let vocabulary = try vocabulary(
            metadata, defaults, addsBeginning: true, addsEnd: false, addsSeparator: false)
        let addsSpacePrefix = try metadata.bool(prefix + "add_space_prefix") ?? true
        return try SentencePieceTokenizer(
            vocabulary, addsSpacePrefix: addsSpacePrefix,
            textRules: TextRules(dropsLeadingSpace: addsSpacePrefix, cleansSpaces: false))
    }

    private static func wordPiece(_ metadata: some TokenizerMetadata) throws(TokenizerError) -> any Tokenizer {
        var defaults = SpecialTokens()
        defaults.beginningOfSequence = 101
        defaults.unknown = 100
        defaults.separator = 102
        defaults.padding = 0
        defaults.mask = 103
        let vocabulary = try vocabulary(
            metadata, defaults, addsBeginning: true, addsEnd: false, addsSeparator: true)
        guard let beginning = vocabulary.special.beginningOfSequence, let separator = vocabulary.special.separator
        else {
            throw TokenizerError(.missing, "a WordPiece vocabulary needs tokens for beginning and separator")
        }
        let lowercases = try metadata.bool(prefix + "normalizer.lowercase") ?? true
        let normalizer = WordPieceNormalizer(
            lowercases: lowercases,
            stripsAccents: try metadata.bool(prefix + "normalizer.strip_accents") ?? lowercases)
        return try WordPieceTokenizer(
            vocabulary, spellings: vocabulary.texts.strings, normalizer: normalizer,
            // Our converter's key; files of others have none, and their engines no limit.
            longestWord: try metadata.integer("swiftlet.max_word_length") ?? .max,
            textRules: TextRules(
                dropsLeadingSpace: try metadata.bool(prefix + "add_space_prefix") ?? false, cleansSpaces: true),
            frame: EncodingFrame(vocabulary, prefix: [beginning], suffix: [separator]))
    }

    private static func unigram(_ metadata: some TokenizerMetadata) throws(TokenizerError) -> any Tokenizer {
        var defaults = SpecialTokens()
        defaults.endOfSequence = 1
        defaults.unknown = 2
        defaults.padding = 0
        let vocabulary = try vocabulary(
            metadata, defaults, addsBeginning: false, addsEnd: true, addsSeparator: false)
        let rules = try metadata.integers(prefix + "precompiled_charsmap") ?? []
        let addsSpace = try metadata.bool(prefix + "add_space_prefix") ?? false
        let normalizer = UnigramNormalizer(
            rules: try PrecompiledNormalizer(rules.map { UInt8(truncatingIfNeeded: $0) }),
            addsSpace: addsSpace,
            mergesSpaces: try metadata.bool(prefix + "remove_extra_whitespaces") ?? false,
            untouched: vocabulary.kinds.contains { $0.meets(.userDefined) }
                ? ByteTrie(vocabulary.texts.strings) { vocabulary.kinds[$0].meets(.userDefined) } : nil)
        return try UnigramTokenizer(
            vocabulary, scores: vocabulary.scores.map(Double.init),
            matched: nil, normalize: { normalizer.normalize($0) },
            textRules: TextRules(dropsLeadingSpace: addsSpace, cleansSpaces: false), frame: EncodingFrame(vocabulary))
    }
}
