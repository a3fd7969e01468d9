import SwiftletGround
import SwiftletModelFiles

/// The tokenizer files of an exported model, out of the vocabulary of its GGUF file.
struct ExportedTokenizer {
    let texts: [String]
    let kinds: [TokenList.Kind]
    let scores: [Float]
    let merges: [String]
    let metadata: GGUFMetadata
    private let kind: String?

    init(_ metadata: GGUFMetadata) throws(ConversionError) {
        self.metadata = metadata
        do throws(ModelFileError) {
            kind = try metadata.string(ifPresent: "tokenizer.ggml.model")
            texts = try metadata.strings(ifPresent: "tokenizer.ggml.tokens") ?? []
            scores = try metadata.floats(ifPresent: "tokenizer.ggml.scores") ?? []
            merges = try metadata.strings(ifPresent: "tokenizer.ggml.merges") ?? []
            let types: [Int] = try metadata.integers(ifPresent: "tokenizer.ggml.token_type") ?? []
            kinds = types.map { TokenList.Kind(rawValue: Int32(clamping: $0)) ?? .normal }
        } catch {
            throw ConversionError(error, .malformed)
        }
        guard kinds.isEmpty || kinds.count == texts.count, scores.isEmpty || scores.count == texts.count else {
            throw ConversionError(
                .malformed, "there are \(kinds.count) types and \(scores.count) scores for \(texts.count) tokens",
                at: "key tokenizer.ggml.tokens")
        }
    }

    func kind(_ id: Int) -> TokenList.Kind { kinds.isEmpty ? .normal : kinds[id] }

    /// Names and contents; none for a file without a vocabulary.
    func files() throws(ConversionError) -> [(name: String, bytes: [UInt8])] {
        guard !texts.isEmpty else { return [] }
        switch kind {
        case nil, "none", "no_vocab": return []
        case "gpt2": return [file("tokenizer.json", bytePair()), file("tokenizer_config.json", settings())]
        case "llama":
            return [("tokenizer.model", sentencePiece()), file("tokenizer_config.json", settings())]
        case "bert":
            var files = [file("tokenizer_config.json", settings()), ("vocab.txt", Array(vocabularyLines.utf8))]
            files += pooling
            return files
        case let other?:
            throw ConversionError(
                .unsupported, "vocabularies of type \"\(other)\" are not exported", at: "key tokenizer.ggml.model",
                advice: "Export without the tokenizer")
        }
    }

    private func file(_ name: String, _ value: JSONObject) -> (name: String, bytes: [UInt8]) {
        (name, Array((value.text(.pretty) + "\n").utf8))
    }

    func id(_ role: String) -> Int? {
        guard let value = metadata["tokenizer.ggml.\(role)_token_id"]?.integer else { return nil }
        let id = Int(clamping: value)
        return texts.indices.contains(id) ? id : nil
    }

    private func flag(_ key: String) -> Bool? {
        if case .bool(let flag)? = metadata["tokenizer.ggml." + key] { flag } else { nil }
    }

    private func settings() -> JSONObject {
        var settings = JSONObject()
        let classes = ["gpt2": "PreTrainedTokenizerFast", "llama": "LlamaTokenizer", "bert": "BertTokenizer"]
        settings["tokenizer_class"] = classes[kind ?? ""].map { .string($0) }
        let roles = [
            ("bos", "bos"), ("eos", "eos"), ("unknown", "unk"), ("seperator", "sep"), ("padding", "pad"),
            ("mask", "mask"), ("eot", "eot"), ("eom", "eom"),
        ]
        for (role, key) in roles { settings["\(key)_token"] = id(role).map { .string(spelled($0)) } }
        for role in ["bos", "eos", "sep"] {
            settings["add_\(role)_token"] = flag("add_\(role)_token").map { .bool($0) }
        }
        settings["add_prefix_space"] = flag("add_space_prefix").map { .bool($0) }
        if kind == "bert" {
            settings["cls_token"] = settings["bos_token"]
            settings["do_lower_case"] = .bool(flag("normalizer.lowercase") ?? true)
        }
        if kind == "gpt2", case .string(let name)? = metadata["tokenizer.ggml.pre"] {
            // What the rules of `tokenizer.json` cannot always say; read again by conversion.
            settings["gguf_pre_tokenizer"] = name.text.map { .string($0) }
        }
        if case .string(let template)? = metadata["tokenizer.chat_template"] {
            settings["chat_template"] = template.text.map { .string($0) }
        }
        if kind == "llama" { settings["added_tokens_decoder"] = .object(addedPieces()) }
        return settings
    }

    /// A token's text as Hugging Face spells it: WordPiece marks what continues a word, GGUF what begins one.
    func spelled(_ id: Int) -> String {
        guard kind == "bert", kind(id) != .control else { return texts[id] }
        return texts[id].hasPrefix("▁") ? String(texts[id].dropFirst()) : "##" + texts[id]
    }

    private var vocabularyLines: String {
        texts.indices.map { spelled($0) + "\n" }.joined()
    }

    /// What sentence-transformers reads to pool.
    private var pooling: [(name: String, bytes: [UInt8])] {
        let types = [1: "pooling_mode_mean_tokens", 2: "pooling_mode_cls_token", 3: "pooling_mode_lasttoken"]
        guard let type = metadata["bert.pooling_type"]?.integer, let key = types[Int(clamping: type)] else { return [] }
        let modules: JSONValue = [
            ["idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"],
            ["idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"],
        ]
        var files = [("modules.json", Array(modules.text(.pretty).utf8))]
        files.append(file("1_Pooling/config.json", [key: true]))
        if let limit = metadata["swiftlet.max_sequence_length"]?.integer {
            files.append(file("sentence_bert_config.json", ["max_seq_length": .integer(Int64(clamping: limit))]))
        }
        return files
    }
}
