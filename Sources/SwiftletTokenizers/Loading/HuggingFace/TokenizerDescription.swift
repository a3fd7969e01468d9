import SwiftletGround

/// The parts of a `tokenizer.json` that all models share: vocabulary, added tokens, roles, tokens around a text.
struct TokenizerDescription {
    let file: JSONValue
    let model: JSONValue
    /// `tokenizer_config.json`, or null.
    let settings: JSONValue

    /// The model's type; older files leave it to be guessed.
    func modelType() throws(TokenizerError) -> String {
        if let type = model["type"]?.string { return type }
        if model["merges"] != nil { return "BPE" }
        return model["vocab"]?.array != nil ? "Unigram" : "WordPiece"
    }

    /// The texts of a vocabulary that maps texts to ids, with names for ids that are left out.
    func vocabularyTexts() throws(TokenizerError) -> [String?] {
        guard let vocabulary = model["vocab"]?.object, !vocabulary.isEmpty else {
            throw TokenizerError(.missing, "the vocabulary has no tokens", at: "model.vocab")
        }
        var texts = [String?](repeating: nil, count: vocabulary.count)
        for member in vocabulary {
            guard let id = member.value.integer else {
                throw lie("\"\(member.key.prefix(40))\" has no id", "model.vocab")
            }
            try place(member.key, id, limit: 4 * vocabulary.count + 65536, &texts)
        }
        return texts
    }

    private func place(_ text: String, _ id: Int, limit: Int, _ texts: inout [String?]) throws(TokenizerError) {
        guard id >= 0, id < limit else { throw lie("the id \(id) is out of all proportion", "model.vocab") }
        if id >= texts.count { texts += [String?](repeating: nil, count: id + 1 - texts.count) }
        guard texts[id] == nil || texts[id].map({ $0.utf8.elementsEqual(text.utf8) }) == true else {
            throw lie("two tokens have the id \(id)", "model.vocab")
        }
        texts[id] = text
    }

    /// Texts and log probabilities, by id.
    func unigramVocabulary() throws(TokenizerError) -> ([String?], [Double]) {
        guard let vocabulary = model["vocab"]?.array, !vocabulary.isEmpty else {
            throw TokenizerError(.missing, "the vocabulary has no tokens", at: "model.vocab")
        }
        var texts: [String?] = []
        var scores: [Double] = []
        for (index, item) in vocabulary.enumerated() {
            guard let text = item[0]?.string, let score = item[1]?.number else {
                throw lie("token \(index) is not a text and a score", "model.vocab")
            }
            texts.append(text)
            scores.append(score)
        }
        return (texts, scores)
    }

    /// Merges as "left right", or as pairs.
    func merges() throws(TokenizerError) -> ByteStrings {
        guard let list = model["merges"]?.array else {
            throw TokenizerError(.missing, "a byte pair vocabulary needs merges", at: "model.merges")
        }
        var merges = ByteStrings()
        for (index, item) in list.enumerated() {
            if let text = item.string {
                merges.append(text.utf8)
            } else if let left = item[0]?.string, let right = item[1]?.string {
                guard !left.utf8.contains(UInt8(ascii: " ")) else {
                    throw lie("merge \(index) has a space", "model.merges")
                }
                merges.append(Array(left.utf8) + [UInt8(ascii: " ")] + Array(right.utf8))
            } else {
                throw lie("merge \(index) is not two tokens", "model.merges")
            }
        }
        return merges
    }

    /// The vocabulary with added tokens and roles.
    func vocabulary(texts listed: [String?]) throws(TokenizerError) -> Vocabulary {
        var texts = listed
        let added = file["added_tokens"]?.array ?? []
        let limit = 4 * (listed.count + added.count) + 65536
        for item in added {
            guard let id = item["id"]?.integer, let content = item["content"]?.string else {
                throw lie("an added token has no id or content", "added_tokens")
            }
            try place(content, id, limit: limit, &texts)
        }
        var strings = ByteStrings()
        for (index, text) in texts.enumerated() {
            if let text, !text.isEmpty { strings.append(text.utf8) } else { strings.append("[EMPTY_\(index)]".utf8) }
        }
        var kinds = texts.map { $0 == nil ? TokenKind.unused : .normal }
        if model["byte_fallback"]?.bool == true {
            for index in kinds.indices where TokenPieces.byte(strings[index]) != nil { kinds[index] = .byte }
        }
        for item in added { try mark(item, &kinds) }
        var vocabulary = Vocabulary(
            texts: ByteIndex(strings), kinds: kinds, scores: [], special: SpecialTokens(), addsBeginning: false,
            addsEnd: false, addsSeparator: false)
        vocabulary.special = roles(vocabulary)
        vocabulary.findRoles()
        let (prefix, suffix) = try surroundings(vocabulary)
        vocabulary.addsBeginning = !prefix.isEmpty
        vocabulary.addsEnd = suffix.last != nil && suffix.last == vocabulary.special.endOfSequence
        vocabulary.addsSeparator = suffix.last != nil && suffix.last == vocabulary.special.separator
        return vocabulary
    }

    private func mark(_ item: JSONValue, _ kinds: inout [TokenKind]) throws(TokenizerError) {
        guard item["single_word"]?.bool != true else {
            throw TokenizerError(
                .unsupported, "added tokens that are found as single words only are unknown", at: "added_tokens")
        }
        guard let id = item["id"]?.integer else { return }
        kinds[id] = item["special"]?.bool == true ? .control : .userDefined
        if item["lstrip"]?.bool == true { kinds[id].insert(.stripsLeft) }
        if item["rstrip"]?.bool == true { kinds[id].insert(.stripsRight) }
    }

    private func roles(_ vocabulary: Vocabulary) -> SpecialTokens {
        func token(_ keys: String...) -> TokenID? {
            for key in keys {
                let text = settings[key]?.string ?? settings[key]?["content"]?.string
                if let text, let token = vocabulary.token(text) { return token }
            }
            return nil
        }
        var special = SpecialTokens()
        special.beginningOfSequence = token("bos_token", "cls_token")
        special.endOfSequence = token("eos_token")
        special.unknown = token("unk_token") ?? model["unk_token"]?.string.flatMap { vocabulary.token($0) }
        special.separator = token("sep_token")
        special.padding = token("pad_token")
        special.mask = token("mask_token")
        return special
    }

    func frame(_ vocabulary: Vocabulary) throws(TokenizerError) -> EncodingFrame {
        let (prefix, suffix) = try surroundings(vocabulary)
        return EncodingFrame(vocabulary, prefix: prefix, suffix: suffix, stripsUnicode: true)
    }

    func lie(_ problem: String, _ place: String) -> TokenizerError {
        TokenizerError(.malformed, problem, at: place)
    }
}
