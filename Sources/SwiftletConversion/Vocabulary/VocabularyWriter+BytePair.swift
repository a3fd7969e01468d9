import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import SwiftletTokenizers

extension VocabularyWriter {
    /// A byte-level vocabulary: `tokenizer.json`, or `vocab.json` with `merges.txt`.
    func writeBytePair(into metadata: inout GGUFMetadata) throws(ConversionError) {
        let file = try tokenizerFile
        let base: BaseVocabulary
        if let file { base = try BaseVocabulary(file) } else { base = try separateFiles() }
        guard file?["model"]?["type"]?.string ?? "BPE" == "BPE" else {
            throw ConversionError(
                .unsupported, "tokenizers of type \(file?["model"]?["type"]?.string ?? "") are not converted here",
                at: "tokenizer.json, model.type")
        }
        guard !base.merges.isEmpty else {
            throw ConversionError(
                .missing, "a byte pair vocabulary needs merges",
                at: file == nil ? "merges.txt" : "tokenizer.json, model.merges")
        }
        let tokens = try tokenList(base, try addedTokens(file))
        metadata["tokenizer.ggml.model"] = .string("gpt2")
        metadata["tokenizer.ggml.pre"] = .string(try preTokenizer(file))
        tokens.write(into: &metadata)
        try SpecialTokensWriter(model, merges: base.merges).write(into: &metadata)
    }

    private func separateFiles() throws(ConversionError) -> BaseVocabulary {
        guard let vocabulary = try model.checkpoint.json("vocab.json")?.object,
            let merges = try model.checkpoint.text("merges.txt")
        else { throw missingTokenizer("tokenizer.json or tokenizer.model") }
        return try BaseVocabulary(vocabulary, merges: BaseVocabulary.merges(lines: merges), place: "vocab.json")
    }

    private func addedTokens(_ file: JSONValue?) throws(ConversionError) -> [AddedToken] {
        try AddedToken.all(file, settings)
    }

    /// Tokens and kinds by id (base.py, `get_vocab_base`).
    func tokenList(_ base: BaseVocabulary, _ added: [AddedToken]) throws(ConversionError) -> TokenList {
        let count = try base.count(with: added)
        let size = try vocabularySize(atLeast: count)
        guard count <= size else {
            throw ConversionError(
                .malformed, "the tokenizer has \(count) tokens, the model only \(size)", at: "config.json, vocab_size")
        }
        var tokens = TokenList(unused: size, scored: false)
        for (text, id) in base.ids {
            tokens.texts[id] = Array(text.string.utf8)
            tokens.kinds[id] = .normal
        }
        for token in added {
            let isControl = token.isSpecial || TokenList.looksSpecial(token.text)
            tokens.texts[token.id] = Array((isControl ? token.text : token.plainText).utf8)
            tokens.kinds[token.id] = isControl ? .control : .userDefined
        }
        return tokens
    }

    private func preTokenizer(_ file: JSONValue?) throws(ConversionError) -> String {
        // What an export of ours has kept.
        if let name = try settings?["gguf_pre_tokenizer"]?.string { return name }
        guard let file else {
            // Old checkpoints without `tokenizer.json` tell their rules by the class of the tokenizer only.
            let tokenizerClass = try settings?["tokenizer_class"]?.string ?? "GPT2Tokenizer"
            let known = ["GPT2Tokenizer": "gpt-2", "Qwen2Tokenizer": "qwen2", "CodeGenTokenizer": "phi-2"]
            if let name = known[tokenizerClass] { return name }
            throw unknownPreTokenizer("the class \(tokenizerClass)")
        }
        let configuration = try settings.map { Array($0.text().utf8) }
        if let tokenizer = try? TokenizerLoader.load(json: Array(file.text().utf8), configuration: configuration),
            let name = PreTokenizerDetection.byTokens(tokenizer)
        {
            return name
        }
        guard let name = PreTokenizerDetection.byRules(file) else {
            throw unknownPreTokenizer((file["pre_tokenizer"] ?? .null).text().prefix(200).description)
        }
        return name
    }

    private func unknownPreTokenizer(_ what: String) -> ConversionError {
        ConversionError(
            .unsupported, "the pre-tokenizer is none of the known ones: \(what)", at: "tokenizer.json, pre_tokenizer",
            advice: "GGUF names pre-tokenizers, and no name is known for this one")
    }
}
