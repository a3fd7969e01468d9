import Foundation
import SwiftletConversion
import SwiftletGround
import SwiftletModelFiles
import Testing

/// Names, sizes and model cards, as the reference converter reads them.
@Suite struct MetadataTests {
    /// Expected values are those of gguf-py's `Metadata.get_model_id_components` and `id_to_title`.
    @Test func readsNames() {
        let cases: [(String, Int, [String?])] = [
            ("Qwen/Qwen2.5-Coder-1.5B-Instruct", 1_540_000_000, ["Qwen", "Qwen2.5-Coder", "Instruct", nil, "1.5B"]),
            ("meta-llama/Llama-3.1-8B", 8_000_000_000, ["meta-llama", "Llama-3.1", nil, nil, "8B"]),
            ("Mixtral-8x7B-Instruct-v0.1", 46_000_000_000, [nil, "Mixtral", "Instruct", "v0.1", "8x7B"]),
            ("tiny-llama", 0, [nil, nil, nil, nil, nil]),
            ("Phi-3-mini-128k-instruct", 3_800_000_000, [nil, "Phi-3", "128k-instruct", nil, "mini"]),
        ]
        for (name, parameters, expected) in cases {
            let id = ModelIdentifier(name, parameters: parameters)
            #expect([id.organization, id.baseName, id.fineTune, id.version, id.sizeLabel] == expected, "\(name)")
        }
        #expect(ModelIdentifier.title("tiny-llama-v1.1-x2") == "Tiny Llama v1.1 X2")
        #expect(ModelIdentifier.title("ms_marco") == "Ms_Marco")
        #expect(ModelIdentifier.title("s2orc") == "S2Orc")
    }

    @Test func labelsSizes() {
        func label(_ count: Int) -> String {
            SizeLabel.text(SizeLabel.count([(name: "a.weight", shape: [count])]))
        }
        #expect(
            [label(600), label(22_713_728), label(1_543_714_304), label(134_515_008)] == [
                "0.6K", "23M", "1.5B", "135M",
            ])
    }

    /// What an adapter changes may have more elements than a number can count.
    @Test func labelsOverflowingSizes() {
        let size = 1 << 40
        let parameters = SizeLabel.count([
            (name: "a.weight.lora_a", shape: [1, size]), (name: "a.weight.lora_b", shape: [size, 1]),
        ])
        #expect(SizeLabel.text(parameters) == "1.1T")
    }

    /// Line breaks of Windows; a merge whose right token begins with an accent.
    @Test func readsVocabulariesByScalars() throws {
        func vocabulary(_ change: (String) -> String) throws -> GGUFValue? {
            let tiny = try TinyCheckpoint("bert")
            try FileManager.default.removeItem(at: tiny.url.appending(path: "tokenizer.json"))
            let url = tiny.url.appending(path: "vocab.txt")
            try Data(change(String(contentsOf: url, encoding: .utf8)).utf8).write(to: url)
            return try Checkpoint(tiny.url).converted(to: .f32).metadata["tokenizer.ggml.tokens"]
        }
        let plain = try #require(try vocabulary { $0 })
        #expect(try vocabulary { $0.replacing("\n", with: "\r\n") } == plain)

        // The first three are special in the tiny checkpoint.
        let tokens = ["<unk>", "<s>", "</s>", "e", "\u{301}", "e\u{301}", "a", "ea"]
        let model: JSONObject = [
            "type": "BPE", "byte_fallback": true, "merges": ["e \u{301}", ["e", "a"]],
            "vocab": .object(JSONObject(tokens.enumerated().map { ($1, .integer(Int64($0))) })),
        ]
        let file: JSONObject = ["model": .object(model), "decoder": ["type": "Sequence"]]
        let tiny = try TinyCheckpoint("llama", settings: ["vocab_size": 384])
        try FileManager.default.removeItem(at: tiny.url.appending(path: "tokenizer.model"))
        try Data(file.text().utf8).write(to: tiny.url.appending(path: "tokenizer.json"))
        let scores = try Checkpoint(tiny.url).converted(to: .f32).metadata.floats("tokenizer.ggml.scores")
        #expect(Array(scores[3..<8]) == [-1e6, -1e6, 0, -1e6, -1])
    }

    @Test func readsModelCards() {
        let card = ModelCard(
            """
            ---
            language: en
            license: apache-2.0  # free
            tags:
            - one
              - "two"
            base_model: ["a/b", 'c/d']
            model-index:
            - name: x
              results: []
            ---
            # text
            license: none
            """)
        #expect(card.text("license") == "apache-2.0")
        #expect(card.list("tags") == ["one", "two"])
        #expect(card.list("base_model") == ["a/b", "c/d"])
        #expect(card.list("language") == ["en"])
        #expect(card.list("model-index") == nil)
        #expect(ModelCard("no card").list("license") == nil)
    }
}
