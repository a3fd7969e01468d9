import SwiftletGround
import SwiftletModelFiles

/// The tokens of a vocabulary as a GGUF file lists them.
struct TokenList {
    /// GGUF's token types (gguf-py, `TokenType`).
    enum Kind: Int32 {
        case normal = 1, unknown = 2, control = 3, userDefined = 4, unused = 5, byte = 6
    }

    var texts: [[UInt8]]
    var kinds: [Kind]
    /// One a token, or none.
    var scores: [Float] = []

    /// A list of `count` tokens that nothing uses.
    init(unused count: Int, scored: Bool) {
        texts = (0..<count).map { Array("[PAD\($0)]".utf8) }
        kinds = Array(repeating: .unused, count: count)
        scores = scored ? Array(repeating: -10000, count: count) : []
    }

    func write(into metadata: inout GGUFMetadata) {
        metadata["tokenizer.ggml.tokens"] = .array(GGUFArray(byteStrings: texts))
        if !scores.isEmpty { metadata["tokenizer.ggml.scores"] = .array(GGUFArray(scores)) }
        metadata["tokenizer.ggml.token_type"] = .array(GGUFArray(kinds.map(\.rawValue)))
    }

    /// Whether a token that its vocabulary does not call special is one all the same (base.py,
    /// `does_token_look_special`).
    static func looksSpecial(_ text: String) -> Bool {
        ["<pad>", "<mask>", "<2mass>", "[@BOS@]"].contains(text)
            || text.hasPrefix("<|") && text.hasSuffix("|>")
            || text.hasPrefix("<｜") && text.hasSuffix("｜>")
            || text.hasPrefix("<unused") && text.hasSuffix(">")
    }
}

/// A token that was added to a finished vocabulary.
struct AddedToken {
    let id: Int
    let text: String
    let isSpecial: Bool

    /// Those that `tokenizer.json` lists, then those that only `tokenizer_config.json` knows.
    static func all(_ file: JSONValue?, _ settings: JSONValue?) throws(ConversionError) -> [AddedToken] {
        var tokens: [AddedToken] = []
        for item in file?["added_tokens"]?.array ?? [] {
            tokens.append(try AddedToken(item["id"]?.integer, item, "tokenizer.json, added_tokens"))
        }
        let known = Set(tokens.map(\.id))
        return tokens + (try decoder(settings).filter { !known.contains($0.id) })
    }

    /// Those of `added_tokens_decoder` in `tokenizer_config.json`.
    static func decoder(_ settings: JSONValue?) throws(ConversionError) -> [AddedToken] {
        var tokens: [AddedToken] = []
        for member in settings?["added_tokens_decoder"]?.object ?? JSONObject() {
            tokens.append(
                try AddedToken(Int(member.key), member.value, "tokenizer_config.json, added_tokens_decoder"))
        }
        return tokens
    }

    private init(_ id: Int?, _ item: JSONValue, _ place: String) throws(ConversionError) {
        guard let id, (0..<1 << 28).contains(id), let text = item["content"]?.string else {
            throw ConversionError(.malformed, "an added token has no id or text", at: place)
        }
        (self.id, self.text, isSpecial) = (id, text, item["special"]?.bool ?? false)
    }

    /// The text as tokenizers compare it: spaces, not marks.
    var plainText: String { text.replacing("▁", with: " ") }
}
