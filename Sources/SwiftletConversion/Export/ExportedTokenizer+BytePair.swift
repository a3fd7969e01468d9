import SwiftletGround
import SwiftletModelFiles

extension ExportedTokenizer {
    /// The `tokenizer.json` of a byte-level vocabulary.
    func bytePair() -> JSONObject {
        var vocabulary = JSONObject()
        var added: [JSONValue] = []
        for (id, text) in texts.enumerated() {
            switch kind(id) {
            case .control, .userDefined, .unknown:
                added.append([
                    "id": .integer(Int64(id)), "content": .string(text), "single_word": false, "lstrip": false,
                    "rstrip": false, "normalized": false, "special": .bool(kind(id) != .userDefined),
                ])
            // Rows without a token get their name again from their number.
            case .unused where text == "[PAD\(id)]": break
            default: vocabulary[text] = .integer(Int64(id))
            }
        }
        var file: JSONObject = ["version": "1.0", "truncation": nil, "padding": nil]
        file["added_tokens"] = .array(added)
        file["normalizer"] = .null
        file["pre_tokenizer"] = preTokenizer
        file["post_processor"] = postProcessor
        file["decoder"] = ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true]
        file["model"] = [
            "type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil,
            "end_of_word_suffix": nil, "fuse_unk": false, "byte_fallback": false,
            "ignore_merges": .bool(PreTokenizerDetection.ignoresMerges(preTokenizerName)),
            "vocab": .object(vocabulary), "merges": .array(merges.map { .string($0) }),
        ]
        return file
    }

    private var preTokenizerName: String {
        if case .string(let name)? = metadata["tokenizer.ggml.pre"] { name.text ?? "" } else { "" }
    }

    private var preTokenizer: JSONValue {
        let bytes: JSONValue = [
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false,
        ]
        if let pattern = PreTokenizerDetection.pattern(named: preTokenizerName) {
            let split: JSONValue = [
                "type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated", "invert": false,
            ]
            return ["type": "Sequence", "pretokenizers": .array([split, bytes])]
        }
        let words: JSONValue = [
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
        ]
        guard ["smollm", "starcoder", "refact", "command-r"].contains(preTokenizerName) else { return words }
        return ["type": "Sequence", "pretokenizers": [["type": "Digits", "individual_digits": true], words]]
    }

    /// Puts the beginning of sequence before texts, where the vocabulary does.
    private var postProcessor: JSONValue {
        guard case .bool(true)? = metadata["tokenizer.ggml.add_bos_token"], let id = id("bos") else {
            return ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true]
        }
        let token: JSONValue = .string(texts[id])
        return [
            "type": "TemplateProcessing",
            "single": [["SpecialToken": ["id": token, "type_id": 0]], ["Sequence": ["id": "A", "type_id": 0]]],
            "pair": [
                ["SpecialToken": ["id": token, "type_id": 0]], ["Sequence": ["id": "A", "type_id": 0]],
                ["SpecialToken": ["id": token, "type_id": 1]], ["Sequence": ["id": "B", "type_id": 1]],
            ],
            "special_tokens": .object([
                texts[id]: ["id": token, "ids": .array([.integer(Int64(id))]), "tokens": .array([token])]
            ]),
        ]
    }
}
