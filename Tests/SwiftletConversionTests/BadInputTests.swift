import Foundation
import SwiftletConversion
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Testing

/// Checkpoints that lack or contradict something: an error that says what, and where.
@Suite struct BadInputTests {
    private func failure(_ tiny: TinyCheckpoint, _ type: OutputType = .auto) throws -> ConversionError {
        let error = #expect(throws: ConversionError.self) {
            try Checkpoint(tiny.url).converted(to: type).write(to: tiny.folder.file("out.gguf"))
        }
        #expect(!FileManager.default.fileExists(atPath: tiny.folder.file("out.gguf").path))
        return try #require(error)
    }

    @Test func missingFiles() throws {
        for (file, code) in [
            ("config.json", ConversionError.Code.missing), ("model.safetensors", .cannotRead),
            ("tokenizer.model", .missing),
        ] {
            let tiny = try TinyCheckpoint("llama")
            try FileManager.default.removeItem(at: tiny.url.appending(path: file))
            let error = try failure(tiny)
            #expect(error.code == code, "\(file): \(error)")
        }
        #expect(throws: ConversionError.self) { try Checkpoint(URL(filePath: "/nonexistent/folder")) }
    }

    @Test func missingShardsAndPathsOutside() throws {
        for name in ["model-00002-of-00002.safetensors", "../outside.safetensors", "/etc/passwd", ".."] {
            let tiny = try TinyCheckpoint("llama")
            let index: JSONObject = ["weight_map": ["model.norm.weight": .string(name)]]
            try Data(index.text().utf8).write(to: tiny.url.appending(path: SafetensorsCheckpoint.indexName))
            let error = try failure(tiny)
            #expect("\(error)".contains("passwd") || "\(error)".contains("model") || "\(error)".contains("weight_map"))
        }
    }

    @Test func unknownArchitecture() throws {
        let tiny = try TinyCheckpoint("llama", settings: ["architectures": ["MambaForCausalLM"]])
        let error = try failure(tiny)
        #expect(error.code == .unsupported && error.problem.contains("MambaForCausalLM"))
        #expect(try failure(TinyCheckpoint("llama", settings: ["architectures": []])).code == .missing)
    }

    static let impossible: [(String, JSONValue)] = [
        ("hidden_size", -1), ("hidden_size", "wide"), ("num_hidden_layers", 1e300),
        ("num_hidden_layers", 0), ("num_attention_heads", 0), ("rms_norm_eps", "small"), ("rope_theta", 1e300),
        ("vocab_size", 1_000_000_000), ("hidden_size", 128), ("num_hidden_layers", 3), ("num_hidden_layers", 1),
        ("num_attention_heads", 5), ("rope_scaling", ["rope_type": "magic", "factor": 2]),
        ("rope_scaling", ["rope_type": "yarn", "factor": 2]), ("num_key_value_heads", 3), ("vocab_size", 400),
    ]

    @Test(arguments: impossible)
    func impossibleSettings(key: String, value: JSONValue) throws {
        let tiny = try TinyCheckpoint("llama", settings: [key: value])
        #expect(!"\(try failure(tiny))".isEmpty)
    }

    /// Any value under any setting ends in an error or in a model whose rows can be read.
    @Test(arguments: Fixtures.names)
    func anySettings(name: String) throws {
        let values: [JSONValue] = [
            nil, 0, -1, 3, 1_000_000_007, 1e300, 0.3, "text", [], [1, -2, "x"], ["rope_type": "llama3", "factor": 0],
            ["rope_type": "yarn", "factor": 0, "original_max_position_embeddings": 1], true,
        ]
        let tiny = try TinyCheckpoint(name)
        let config = try #require(Fixtures.checkpoints[name]?["config"]?.object)
        let others = ["quantization_config", "text_config", "rope_parameters", "id2label", "head_dim", "n_group"]
        for key in Array(config.keys) + others {
            for value in values {
                var changed = config
                changed[key] = value
                try Data(changed.text().utf8).write(to: tiny.url.appending(path: "config.json"))
                guard let model = try? Checkpoint(tiny.url).converted(to: .f32) else { continue }
                for (index, tensor) in model.tensors.enumerated() {
                    try? model.withUnsafeRows(0..<min(tensor.rows, 3), ofTensor: index) { #expect(!$0.isEmpty) }
                }
            }
        }
    }

    @Test func configurationThatIsNoJSON() throws {
        let tiny = try TinyCheckpoint("llama")
        try Data(#"{"architectures": ["LlamaForCausalLM"], "rms_norm_eps": NaN}"#.utf8)
            .write(to: tiny.url.appending(path: "config.json"))
        let error = try failure(tiny)
        #expect(error.code == .malformed && error.place?.contains("config.json") == true)
    }

    @Test func missingAndForeignTensors() throws {
        for name in ["model.embed_tokens.weight"] {
            #expect(try failure(TinyCheckpoint("llama") { $0 == name ? nil : $1 }).code == .missing)
        }
        let layer = try failure(TinyCheckpoint("llama") { $0.hasPrefix("model.layers.1.") ? nil : $1 })
        #expect(layer.problem.contains("layer 1"))
        let expert = try failure(
            TinyCheckpoint("mixtral") { $0.contains(".1.block_sparse_moe.experts.2.w1") ? nil : $1 })
        #expect(expert.code == .missing)
        let folder = try TemporaryFolder()
        var writer = SafetensorsWriter()
        try writer.add("model.layers.0.mystery.weight", type: .f32, shape: [2, 2])
        try writer.write(to: folder.file("extra.safetensors")) { _, write in
            try [UInt8](repeating: 0, count: 16).withUnsafeBytes { try write($0) }
        }
        let extra = try SafetensorsFile(folder.file("extra.safetensors"))
        let error = try failure(TinyCheckpoint("llama", extra: extra))
        #expect(error.place?.contains("mystery") == true)
    }

    @Test func shapesThatHoldNothing() throws {
        for shape in [[], [0], [0, 64], [64, 0]] {
            let error = try failure(TinyCheckpoint("llama") { $0.contains("0.self_attn.q_proj") ? shape : $1 })
            #expect(error.place?.contains("q_proj") == true, "\(error)")
        }
        for shape in [[64], [2, 2, 2, 2, 2], [63, 64], [64, 64, 1]] {
            let tiny = try TinyCheckpoint("llama") { $0.contains("0.self_attn.q_proj") ? shape : $1 }
            let output = tiny.folder.file("out.gguf")
            _ = try? Checkpoint(tiny.url).converted(to: .f32).write(to: output)
        }
    }

    @Test func outputThatIsInput() throws {
        let tiny = try TinyCheckpoint("llama")
        let weights = tiny.url.appending(path: "model.safetensors")
        let before = try Data(contentsOf: weights)
        #expect(throws: ConversionError.self) { try Checkpoint(tiny.url).converted().write(to: weights) }
        #expect(try Data(contentsOf: weights) == before)
    }

    /// Cancelling the task removes what was written.
    @Test func interruption() async throws {
        let tiny = try TinyCheckpoint("llama")
        let model = try Checkpoint(tiny.url).converted()
        let output = tiny.folder.file("out.gguf")
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try model.write(to: output)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let left = try FileManager.default.contentsOfDirectory(atPath: tiny.folder.url.path)
        #expect(left == ["tiny-llama"])
    }

    @Test func weightsThatAreNoNumbers() throws {
        for (bits, type) in [(UInt32(0x7FC0_0000), OutputType.f32), (0x7F80_0000, .bf16), (0x4880_0000, .f16)] {
            let folder = try TemporaryFolder()
            let name = "model.layers.1.mlp.up_proj.weight"
            var values = [UInt32](repeating: 0, count: 96 * 64)
            values[64 * 40 + 3] = bits
            var writer = SafetensorsWriter()
            try writer.add(name, type: .f32, shape: [96, 64])
            try writer.write(to: folder.file("extra.safetensors")) { _, write in
                try values.withUnsafeBytes { try write($0) }
            }
            let extra = try SafetensorsFile(folder.file("extra.safetensors"))
            let error = try failure(TinyCheckpoint("llama", extra: extra) { $0 == name ? nil : $1 }, type)
            #expect(error.code == .value && error.place == "tensor blk.1.ffn_up.weight, row 40", "\(error)")
        }
    }

    /// A limit for texts beside a model that says that it reads none.
    @Test func limitWithoutPositions() throws {
        let tiny = try TinyCheckpoint("bert", settings: ["max_position_embeddings": 0])
        try Data(#"{"max_seq_length": 128}"#.utf8).write(to: tiny.url.appending(path: "sentence_bert_config.json"))
        let model = try Checkpoint(tiny.url).converted(to: .f32)
        #expect(model.metadata["swiftlet.max_sequence_length"] == nil)
    }

    /// Any tokenizer file, cut or changed anywhere, ends in an error or in a vocabulary.
    @Test(arguments: [
        ("llama", "tokenizer.model"), ("qwen2", "tokenizer.json"), ("bert", "vocab.txt"), ("bert", "tokenizer.json"),
    ])
    func damagedTokenizers(name: String, file: String) throws {
        var random = SystemRandomNumberGenerator()
        let tiny = try TinyCheckpoint(name)
        let url = tiny.url.appending(path: file)
        if file == "vocab.txt" { try FileManager.default.removeItem(at: tiny.url.appending(path: "tokenizer.json")) }
        let whole = Array(try Data(contentsOf: url))
        for round in 0..<60 {
            var bytes = whole
            if round % 3 == 0 { bytes.removeLast(Int.random(in: 1...bytes.count, using: &random)) }
            for _ in 0..<(round % 5) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            try Data(bytes).write(to: url)
            _ = try? Checkpoint(tiny.url).converted(to: .f32)
        }
    }
}
