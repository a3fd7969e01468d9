public import SwiftletGround

extension TokenizerLoader {
    /// The tokenizer that a `tokenizer.json` of Hugging Face's `tokenizers` describes.
    ///
    /// `configuration` is the `tokenizer_config.json` beside it, which names the special tokens. What is in the file and
    /// unknown here is an error that names it. Ids are those of `tokenizers` with special tokens parsed.
    public static func load(
        json: some Collection<UInt8>, configuration: (some Collection<UInt8>)? = [UInt8]?.none
    ) throws(TokenizerError) -> any Tokenizer {
        let file = try parsed(json, "tokenizer.json")
        let settings = try configuration.map { (bytes) throws(TokenizerError) in
            try parsed(bytes, "tokenizer_config.json")
        }
        guard let model = file["model"], model.object != nil else {
            throw TokenizerError(.missing, "there is no model", at: "tokenizer.json")
        }
        var description = TokenizerDescription(file: file, model: model, settings: settings ?? .null)
        switch try description.modelType() {
        case "BPE": return try bytePair(&description)
        case "WordPiece": return try wordPiece(&description)
        case "Unigram": return try unigram(&description)
        case let other:
            throw TokenizerError(.unsupported, "the tokenizer model \"\(other)\" is unknown", at: "model.type")
        }
    }

    private static func parsed(_ bytes: some Collection<UInt8>, _ name: String) throws(TokenizerError) -> JSONValue {
        do { return try JSONValue(parsing: bytes) } catch {
            throw TokenizerError(
                .malformed, error.problem, at: error.place.map { "\(name), \($0)" } ?? name, cause: error)
        }
    }

    private static func bytePair(_ file: inout TokenizerDescription) throws(TokenizerError) -> any Tokenizer {
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
            guard file.model[key]?.string ?? "" == "" else {
                throw TokenizerError(.unsupported, "byte pairs with marks inside words are unknown", at: "model.\(key)")
            }
        }
        let vocabulary = try file.vocabulary(texts: try file.vocabularyTexts())
        let steps = try PreTokenizerDescription(file.file["pre_tokenizer"] ?? .null)
        var normalizer = TextNormalizer(steps: try NormalizerDescription.steps(file.file["normalizer"] ?? .null))
        normalizer.steps += steps.normalizerSteps
        var rules = BytePairRules(preTokenizer: PreTokenizer(steps: steps.splitters))
        rules.isByteLevel = steps.isByteLevel
        rules.ignoresMerges = file.model["ignore_merges"]?.bool ?? false
        rules.dropsWhitespace = steps.dropsWhitespace
        rules.normalizer = normalizer.steps.isEmpty ? nil : normalizer
        rules.marksSpaces = !steps.isByteLevel
        rules.prefixesFirstOnly = steps.firstOnly
        let fallsBack = file.model["byte_fallback"]?.bool ?? false
        if let text = file.model["unk_token"]?.string, let unknown = vocabulary.token(text) {
            rules.missing = .token(unknown, fused: file.model["fuse_unk"]?.bool ?? false, bytesFirst: fallsBack)
        } else if fallsBack {
            rules.missing = .bytes
        }
        if !steps.isByteLevel, steps.splitters.isEmpty {
            rules.preTokenizer = PreTokenizer(SpaceSplitter(vocabulary.texts.strings))
        }
        return try BytePairTokenizer(
            vocabulary, merges: try file.merges(), rules: rules, textRules: try file.textRules(steps),
            frame: try file.frame(vocabulary))
    }

    private static func wordPiece(_ file: inout TokenizerDescription) throws(TokenizerError) -> any Tokenizer {
        let prefix = Array((file.model["continuing_subword_prefix"]?.string ?? "##").utf8)
        var vocabulary = try file.vocabulary(texts: try file.vocabularyTexts())
        if let unknown = vocabulary.token(file.model["unk_token"]?.string ?? "[UNK]") {
            vocabulary.special.unknown = unknown
        }
        let preTokenizer = file.file["pre_tokenizer"]?["type"]?.string ?? "none"
        guard preTokenizer == "BertPreTokenizer" else {
            throw TokenizerError(
                .unsupported, "WordPiece with the pre-tokenizer \"\(preTokenizer)\" is unknown",
                at: "pre_tokenizer.type")
        }
        let normalizer = file.file["normalizer"] ?? .null
        guard normalizer["type"]?.string == "BertNormalizer" else {
            throw TokenizerError(
                .unsupported, "WordPiece with the normalizer \"\(normalizer["type"]?.string ?? "none")\" is unknown",
                at: "normalizer.type")
        }
        let lowercases = normalizer["lowercase"]?.bool ?? true
        var spellings = ByteStrings()
        for index in 0..<vocabulary.count {
            let text = vocabulary.texts.strings[index]
            spellings.append(text.starts(with: prefix) ? Array(text.dropFirst(prefix.count)) : SpaceMark.bytes + text)
        }
        return try WordPieceTokenizer(
            vocabulary, spellings: spellings,
            normalizer: WordPieceNormalizer(
                lowercases: lowercases, stripsAccents: normalizer["strip_accents"]?.bool ?? lowercases,
                decomposing: .parts, cleansText: normalizer["clean_text"]?.bool ?? true,
                partsChinese: normalizer["handle_chinese_chars"]?.bool ?? true),
            longestWord: file.model["max_input_chars_per_word"]?.integer ?? 100,
            textRules: TextRules(
                dropsLeadingSpace: true, cleansSpaces: file.file["decoder"]?["cleanup"]?.bool ?? true),
            frame: try file.frame(vocabulary))
    }

    private static func unigram(_ file: inout TokenizerDescription) throws(TokenizerError) -> any Tokenizer {
        let (texts, scores) = try file.unigramVocabulary()
        var vocabulary = try file.vocabulary(texts: texts)
        if let unknown = file.model["unk_id"]?.integer {
            guard vocabulary.contains(TokenID(clamping: unknown)) else {
                throw TokenizerError(.malformed, "there is no token \(unknown)", at: "model.unk_id")
            }
            vocabulary.special.unknown = TokenID(unknown)
        }
        let steps = try PreTokenizerDescription(file.file["pre_tokenizer"] ?? .null)
        guard !steps.isByteLevel, !steps.firstOnly else {
            throw TokenizerError(.unsupported, "Unigram over such pre-tokenizers is unknown", at: "pre_tokenizer")
        }
        let normalizer = TextNormalizer(
            steps: try NormalizerDescription.steps(file.file["normalizer"] ?? .null) + steps.normalizerSteps)
        return try UnigramTokenizer(
            vocabulary, scores: scores + [Double](repeating: 0, count: vocabulary.count - scores.count),
            matched: 0..<scores.count, fallsBackToBytes: file.model["byte_fallback"]?.bool ?? false,
            words: PreTokenizer(steps: steps.splitters), fusesUnknownWords: false,
            normalize: { normalizer.normalize($0) }, textRules: try file.textRules(steps),
            frame: try file.frame(vocabulary))
    }
}
