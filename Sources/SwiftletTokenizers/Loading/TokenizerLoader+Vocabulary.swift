import SwiftletGround

extension TokenizerLoader {
    /// The tokens, kinds, scores and roles that the keys `tokenizer.ggml.*` describe.
    static func vocabulary(
        _ metadata: some TokenizerMetadata, _ defaults: SpecialTokens, addsBeginning: Bool, addsEnd: Bool,
        addsSeparator: Bool
    ) throws(TokenizerError) -> Vocabulary {
        guard let listed = try metadata.strings(prefix + "tokens"), listed.count > 0 else {
            throw TokenizerError(
                .missing, "the vocabulary has no tokens", at: "key \(prefix)tokens", advice: incompleteAdvice)
        }
        guard listed.count <= Int(Int32.max) else {
            throw TokenizerError(.malformed, "\(listed.count) tokens are too many", at: "key \(prefix)tokens")
        }
        let texts = try checked(listed)
        let kinds = try checked(try metadata.integers(prefix + "token_type"), texts.count, "token_type")
        let scores = try checked(try metadata.floats(prefix + "scores"), texts.count, "scores")
        if let scores, let bad = scores.firstIndex(where: \.isNaN) {
            throw TokenizerError(.malformed, "the score of token \(bad) is not a number", at: "key \(prefix)scores")
        }
        var vocabulary = Vocabulary(
            texts: ByteIndex(texts),
            kinds: kinds?.map(TokenKind.init(ggufType:)) ?? .init(repeating: .normal, count: texts.count),
            scores: scores ?? [], special: try specialTokens(metadata, defaults, texts.count),
            addsBeginning: try metadata.bool(prefix + "add_bos_token") ?? addsBeginning,
            addsEnd: try metadata.bool(prefix + "add_eos_token") ?? addsEnd,
            addsSeparator: try metadata.bool(prefix + "add_sep_token") ?? addsSeparator)
        vocabulary.findRoles()
        try strip(&vocabulary, metadata)
        return vocabulary
    }

    /// The tokens, with a name for empty ones. Throws if one is not UTF-8.
    static func checked(_ listed: ByteStrings) throws(TokenizerError) -> ByteStrings {
        // All bytes in a row are checked at once; then each string is valid if none begins inside a character.
        let isValid = listed.bytes.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) != nil }
        var hasEmpty = false
        for index in 0..<listed.count {
            let range = listed.range(index)
            hasEmpty = hasEmpty || range.isEmpty
            let isWhole = range.isEmpty || listed.bytes[range.lowerBound] & 0xC0 != 0x80
            guard isWhole, isValid || String(validating: listed[index], as: UTF8.self) != nil else {
                throw TokenizerError(.malformed, "the text of token \(index) is not UTF-8", at: "key \(prefix)tokens")
            }
        }
        guard hasEmpty else { return listed }
        var texts = ByteStrings()
        texts.reserve(strings: listed.count, bytes: listed.bytes.count)
        for index in 0..<listed.count {
            if listed.range(index).isEmpty {
                texts.append("[EMPTY_\(index)]".utf8)
            } else {
                texts.append(listed[index])
            }
        }
        return texts
    }

    private static func checked<Element>(
        _ values: [Element]?, _ count: Int, _ key: String
    ) throws(TokenizerError) -> [Element]? {
        guard let values else { return nil }
        guard values.count >= count else {
            throw TokenizerError(
                .malformed, "there are \(values.count) values for \(count) tokens", at: "key \(prefix)\(key)")
        }
        return values.count == count ? values : Array(values[..<count])
    }

    private static func specialTokens(
        _ metadata: some TokenizerMetadata, _ defaults: SpecialTokens, _ count: Int
    ) throws(TokenizerError) -> SpecialTokens {
        let keys: [(WritableKeyPath<SpecialTokens, TokenID?>, String)] = [
            (\.beginningOfSequence, "bos_token_id"), (\.endOfSequence, "eos_token_id"), (\.endOfTurn, "eot_token_id"),
            (\.endOfMessage, "eom_token_id"), (\.unknown, "unknown_token_id"), (\.separator, "seperator_token_id"),
            (\.padding, "padding_token_id"), (\.mask, "mask_token_id"), (\.fillPrefix, "fim_pre_token_id"),
            (\.fillSuffix, "fim_suf_token_id"), (\.fillMiddle, "fim_mid_token_id"), (\.fillPadding, "fim_pad_token_id"),
            (\.fillRepository, "fim_rep_token_id"), (\.fillFileSeparator, "fim_sep_token_id"),
            (\.fillPrefix, "prefix_token_id"), (\.fillSuffix, "suffix_token_id"), (\.fillMiddle, "middle_token_id"),
        ]
        var special = defaults
        for (role, key) in keys {
            if let token = special[keyPath: role], token >= count { special[keyPath: role] = nil }
            guard let token = try metadata.integer(prefix + key) else { continue }
            // Files in use name tokens past the end, to say that there is none; they keep the default, as elsewhere.
            if token >= 0, token < count { special[keyPath: role] = TokenID(token) }
        }
        return special
    }

    /// In these models white space beside some special tokens is no text, which GGUF files do not say.
    private static func strip(_ vocabulary: inout Vocabulary, _ metadata: some TokenizerMetadata) throws(TokenizerError)
    {
        func has(_ text: String?, _ parts: String...) -> Bool {
            parts.contains { part in text.map { $0.utf8.contains(part.utf8) } ?? false }
        }
        let pre = try metadata.string(prefix + "pre")
        let name = try metadata.string("general.name").map { $0.lowercased() }
        let architecture = try metadata.string("general.architecture")
        if has(pre, "jina-v2-de", "jina-v2-es", "jina-v2-code") || has(architecture, "nomic-bert-moe", "jina-bert-v3") {
            if let mask = vocabulary.token("<mask>") { vocabulary.kinds[Int(mask)].insert(.stripsLeft) }
        } else if has(name, "phi-3", "phi3") {
            for index in vocabulary.kinds.indices
            where vocabulary.kinds[index].meets([.control, .userDefined, .unknown]) {
                vocabulary.kinds[index].insert(.stripsRight)
            }
            if let end = vocabulary.token("</s>") { vocabulary.kinds[Int(end)].insert(.stripsRight) }
            for text in ["<unk>", "<s>", "<|endoftext|>"] {
                if let token = vocabulary.token(text) { vocabulary.kinds[Int(token)].remove(.stripsRight) }
            }
        } else if has(name, "modern-bert") {
            if let mask = vocabulary.token("[MASK]") { vocabulary.kinds[Int(mask)].insert(.stripsLeft) }
        }
    }
}
