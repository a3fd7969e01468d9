import SwiftletGround
import SwiftletModelFiles
import SwiftletTokenizers

extension VocabularyWriter {
    /// BERT's vocabulary: `tokenizer.json`, or `vocab.txt`.
    func writeWordPiece(into metadata: inout GGUFMetadata) throws(ConversionError) {
        let file: JSONValue
        if let found = try tokenizerFile { file = found } else { file = try vocabularyText() }
        guard file["model"]?["type"]?.string ?? "WordPiece" == "WordPiece" else {
            throw ConversionError(
                .unsupported, "BERT with a \(file["model"]?["type"]?.string ?? "") tokenizer is not converted",
                at: "tokenizer.json, model.type", advice: "Encoders with a WordPiece vocabulary are converted")
        }
        var tokens = try tokenList(try BaseVocabulary(file), try AddedToken.all(file, settings))
        for (id, kind) in tokens.kinds.enumerated() where kind != .control {
            tokens.texts[id] = Self.spelled(tokens.texts[id])
        }
        metadata["tokenizer.ggml.model"] = .string("bert")
        let tokenizer = try? TokenizerLoader.load(json: Array(file.text().utf8))
        metadata["tokenizer.ggml.pre"] = .string(
            tokenizer.flatMap { PreTokenizerDetection.byTokens($0) } ?? "default")
        tokens.write(into: &metadata)
        try SpecialTokensWriter(model, count: tokens.texts.count, file: file).write(into: &metadata)
    }

    /// Beginnings of words get a "▁", what continues them loses its "##" (bert.py, `phantom`).
    private static func spelled(_ text: [UInt8]) -> [UInt8] {
        text.starts(with: "##".utf8) ? Array(text.dropFirst(2)) : Array("▁".utf8) + text
    }

    /// What `tokenizer.json` would say for a `vocab.txt`: a token a line, its number the id.
    private func vocabularyText() throws(ConversionError) -> JSONValue {
        guard let text = try model.checkpoint.text("vocab.txt") else {
            throw missingTokenizer("tokenizer.json or vocab.txt")
        }
        var vocabulary = JSONObject()
        // By scalars: as a Character, a line break of Windows is one of its own.
        for (id, line) in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let token = line.last == "\r" ? line.dropLast() : line
            if !token.isEmpty { vocabulary[String(token)] = .integer(Int64(id)) }
        }
        let special: [JSONValue] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].compactMap { text in
            guard let id = vocabulary[text] else { return nil }
            return ["id": id, "content": .string(text), "special": true, "single_word": false]
        }
        let lowercases = try settings?["do_lower_case"]?.bool ?? true
        func around(_ text: String) -> JSONValue { ["SpecialToken": ["id": .string(text), "type_id": 0]] }
        func ids(_ text: String) -> JSONValue {
            ["id": .string(text), "ids": .array([vocabulary[text] ?? 0]), "tokens": .array([.string(text)])]
        }
        let sequence: JSONValue = ["Sequence": ["id": "A", "type_id": 0]]
        let second: JSONValue = ["Sequence": ["id": "B", "type_id": 1]]
        return [
            "added_tokens": .array(special),
            "normalizer": [
                "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": nil,
                "lowercase": .bool(lowercases),
            ],
            "pre_tokenizer": ["type": "BertPreTokenizer"],
            "post_processor": [
                "type": "TemplateProcessing", "single": .array([around("[CLS]"), sequence, around("[SEP]")]),
                "pair": .array([around("[CLS]"), sequence, around("[SEP]"), second, around("[SEP]")]),
                "special_tokens": ["[CLS]": ids("[CLS]"), "[SEP]": ids("[SEP]")],
            ],
            "decoder": ["type": "WordPiece", "prefix": "##", "cleanup": true],
            "model": [
                "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100, "vocab": .object(vocabulary),
            ],
        ]
    }
}
