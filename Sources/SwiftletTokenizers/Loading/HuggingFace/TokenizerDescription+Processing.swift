import SwiftletGround

extension TokenizerDescription {
    /// The tokens before and after a text, as the `post_processor` says.
    func surroundings(_ vocabulary: Vocabulary) throws(TokenizerError) -> (prefix: [TokenID], suffix: [TokenID]) {
        try surroundings(file["post_processor"] ?? .null, vocabulary, depth: 0)
    }

    private func surroundings(
        _ json: JSONValue, _ vocabulary: Vocabulary, depth: Int
    ) throws(TokenizerError) -> (prefix: [TokenID], suffix: [TokenID]) {
        if json.isNull { return ([], []) }
        let type = json["type"]?.string ?? "none"
        switch type {
        case "ByteLevel": return ([], [])
        case "BertProcessing", "RobertaProcessing":
            return ([try token(json["cls"]?[1], vocabulary)], [try token(json["sep"]?[1], vocabulary)])
        case "TemplateProcessing":
            var prefix: [TokenID] = []
            var suffix: [TokenID] = []
            var isAfter = false
            for item in json["single"]?.array ?? [] {
                if item["Sequence"] != nil { isAfter = true }
                guard let name = item["SpecialToken"]?["id"]?.string else { continue }
                for id in json["special_tokens"]?[name]?["ids"]?.array ?? [] {
                    let token = try token(id, vocabulary)
                    if isAfter { suffix.append(token) } else { prefix.append(token) }
                }
            }
            return (prefix, suffix)
        case "Sequence" where depth < 8:
            var all: (prefix: [TokenID], suffix: [TokenID]) = ([], [])
            for item in json["processors"]?.array ?? [] {
                let one = try surroundings(item, vocabulary, depth: depth + 1)
                all = (one.prefix + all.prefix, all.suffix + one.suffix)
            }
            return all
        default:
            throw TokenizerError(.unsupported, "the post-processor \"\(type)\" is unknown", at: "post_processor.type")
        }
    }

    private func token(_ json: JSONValue?, _ vocabulary: Vocabulary) throws(TokenizerError) -> TokenID {
        guard let id = json?.integer, let token = TokenID(exactly: id), vocabulary.contains(token) else {
            throw lie("a token around the text is not in the vocabulary", "post_processor")
        }
        return token
    }

    /// How the `decoder` turns pieces into text. Throws if it is none of those that belong to known models.
    func textRules(_ preTokenizer: PreTokenizerDescription) throws(TokenizerError) -> TextRules {
        var rules = TextRules(
            dropsLeadingSpace: false, cleansSpaces: settings["clean_up_tokenization_spaces"]?.bool ?? false)
        try read(file["decoder"] ?? .null, &rules, depth: 0)
        return rules
    }

    private func read(_ json: JSONValue, _ rules: inout TextRules, depth: Int) throws(TokenizerError) {
        if json.isNull { return }
        let type = json["type"]?.string ?? "none"
        switch type {
        case "Sequence" where depth < 8:
            for item in json["decoders"]?.array ?? [] { try read(item, &rules, depth: depth + 1) }
        case "ByteLevel", "ByteFallback", "Fuse": break
        case "Replace" where json["pattern"]?["String"]?.string == "▁" && json["content"]?.string == " ": break
        case "Strip" where json["content"]?.string == " " && json["stop"]?.integer == 0:
            rules.dropsLeadingSpace = json["start"]?.integer == 1
        case "Metaspace":
            let scheme = json["prepend_scheme"]?.string ?? (json["add_prefix_space"]?.bool ?? true ? "always" : "never")
            rules.dropsLeadingSpace = scheme != "never"
        default: throw TokenizerError(.unsupported, "the decoder \"\(type)\" is unknown", at: "decoder.type")
        }
    }
}
