// Files seldom say which tokens end a turn or fill the middle, so that roles are also found by text.
// Source of the lists and of their order: llama.cpp, src/llama-vocab.cpp (special_eog_ids).
extension Vocabulary {
    private static let endOfTurn = [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "<EOT>", "_<EOT>",
        "[EOT]", "<｜end▁of▁sentence｜>", "<end_of_utterance>",
    ]
    private static let endOfGeneration = [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>",
        "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>",
        "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>", "<｜end▁of▁sentence｜>", "[e~[",
    ]
    private static let fillPrefix = [
        "<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<｜fim▁begin｜>", "<PRE>", "▁<PRE>", "<|code_prefix|>",
        "<|prefix|>",
    ]
    private static let fillSuffix = [
        "<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<｜fim▁hole｜>", "<SUF>", "▁<SUF>", "<|code_suffix|>",
        "<|suffix|>",
    ]
    private static let fillMiddle = [
        "<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<｜fim▁end｜>", "<MID>", "▁<MID>", "<|code_middle|>",
        "<|middle|>",
    ]
    private static let fillPadding = ["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"]
    private static let fillRepository = ["<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"]

    /// Gives roles by text to tokens that the file did not name, and collects the tokens that end a generation.
    mutating func findRoles() {
        find(\.endOfTurn, Self.endOfTurn)
        find(\.endOfMessage, ["<|eom_id|>"])
        find(\.fillPrefix, Self.fillPrefix)
        find(\.fillSuffix, Self.fillSuffix)
        find(\.fillMiddle, Self.fillMiddle)
        find(\.fillPadding, Self.fillPadding)
        find(\.fillRepository, Self.fillRepository)
        find(\.fillFileSeparator, ["<|file_sep|>"])

        endOfGeneration = Set(
            [special.fillPadding, special.fillRepository, special.fillFileSeparator].compactMap { $0 })
        for text in Self.endOfGeneration {
            guard let token = token(text) else { continue }
            endOfGeneration.insert(token)
            kinds[Int(token)].insert(.control)
        }
        // GPT-OSS writes its answer's structure with these, which must reach the text.
        for text in ["<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"] {
            if let token = token(text) { kinds[Int(token)] = .userDefined }
        }
        endOfGeneration.formUnion([special.endOfSequence, special.endOfTurn, special.endOfMessage].compactMap { $0 })
        dropMisleadingEnds()
    }

    private mutating func find(_ role: WritableKeyPath<SpecialTokens, TokenID?>, _ texts: [String]) {
        guard special[keyPath: role] == nil else { return }
        for text in texts {
            guard let token = token(text) else { continue }
            special[keyPath: role] = token
            kinds[Int(token)].insert(.control)
            return
        }
    }

    /// In some vocabularies one of the texts above is no end: `<|end|>` of GPT-OSS and Solar, `</s>` of Gemma 4 and PLaMo.
    private mutating func dropMisleadingEnds() {
        func ends(_ texts: String...) -> Bool {
            texts.contains { token($0).map(endOfGeneration.contains) ?? false }
        }
        if ends("<|call|>", "<|calls|>"), ends("<|return|>", "<|flush|>"), let end = token("<|end|>"),
            endOfGeneration.remove(end) != nil
        {
            kinds[Int(end)] = .userDefined
        }
        if ends("<|tool_response>", "<|plamo:eos|>"), let end = token("</s>"), endOfGeneration.remove(end) != nil {
            kinds[Int(end)] = .normal
        }
    }
}
