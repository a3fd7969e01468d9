import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import Testing

/// Files whose settings are missing, of the wrong type or impossible: an error that names the key and says what to do.
@Suite struct BadSettingTests {
    private func expectError(_ key: String, _ comment: String, in model: SmallModel) throws {
        let error = try #require(model.error(), "\(comment)")
        #expect(error.code == .configuration, "\(comment)")
        #expect(error.place == "small.gguf, llama.\(key)", "\(comment)")
        #expect(error.advice != nil, "\(comment)")
    }

    @Test(arguments: [
        "context_length", "embedding_length", "block_count", "feed_forward_length", "attention.head_count",
        "attention.layer_norm_rms_epsilon",
    ])
    func aMissingSettingIsNamed(key: String) throws {
        var model = SmallModel()
        model[key] = nil
        try expectError(key, "missing", in: model)
    }

    @Test(arguments: [
        "context_length", "embedding_length", "block_count", "feed_forward_length", "attention.head_count",
        "attention.head_count_kv", "attention.key_length", "attention.value_length", "attention.sliding_window",
        "attention.layer_norm_rms_epsilon", "rope.dimension_count", "rope.freq_base", "rope.scaling.factor",
        "rope.scaling.original_context_length", "expert_count", "expert_used_count",
    ])
    func aNumberMustBeOne(key: String) throws {
        for value: GGUFValue in [.string("8"), .bool(true), .array(["8"]), .array(GGUFArray([true])), .float64(.nan)] {
            var model = SmallModel()
            model[key] = value
            try expectError(key, "\(value)", in: model)
        }
    }

    @Test(arguments: [
        "context_length", "embedding_length", "block_count", "feed_forward_length", "attention.head_count",
        "attention.head_count_kv", "attention.key_length", "attention.value_length", "rope.dimension_count",
        "rope.scaling.original_context_length", "expert_count",
    ])
    func countsHaveLimits(key: String) throws {
        for value: GGUFValue in [.uint64(1 << 60), .uint64(.max), .int64(.min), .int32(-1), .uint32(1 << 31)] {
            var model = SmallModel()
            model[key] = value
            try expectError(key, "\(value)", in: model)
        }
        guard !["rope.dimension_count", "expert_count"].contains(key) else { return }
        var model = SmallModel()
        model[key] = .uint32(0)
        try expectError(key, "0", in: model)
    }

    @Test func impossibleSettingsAreNamed() throws {
        let cases: [(String, GGUFValue)] = [
            ("attention.head_count_kv", .uint32(3)), ("attention.head_count_kv", .uint32(8)),
            ("attention.head_count", .array(GGUFArray([4, 2] as [Int32]))),
            ("attention.head_count", .array(GGUFArray([] as [Int32]))),
            ("attention.layer_norm_rms_epsilon", .float32(-1)), ("attention.sliding_window", .int32(-1)),
            ("rope.dimension_count", .uint32(10)), ("rope.dimension_count", .uint32(7)),
            ("rope.freq_base", .float32(0)), ("rope.freq_base", .float32(-1)), ("rope.freq_base", .float32(.infinity)),
            ("rope.scaling.type", .string("cubic")), ("rope.scaling.type", .uint32(1)),
            ("rope.scaling.factor", .float32(-2)), ("expert_used_count", .uint32(2)),
        ]
        for (key, value) in cases {
            var model = SmallModel()
            model[key] = value
            try expectError(key, "\(key) \(value)", in: model)
        }
    }

    @Test func expertsMustFit() throws {
        for used: GGUFValue? in [nil, .uint32(0), .uint32(5), .int32(-1)] {
            var model = SmallModel.mixture
            model["expert_used_count"] = used
            try expectError("expert_used_count", "\(used.map { "\($0)" } ?? "none")", in: model)
        }
        var model = SmallModel.mixture
        model["expert_count"] = .uint32(5)
        #expect(model.error()?.place == "small.gguf, tensor blk.0.ffn_gate_inp.weight")
        model["expert_count"] = nil
        #expect(model.error()?.place == "small.gguf, llama.expert_used_count")
    }

    @Test func settingsThatDoNotFitTheWeightsNameTheWeight() throws {
        for (key, value, weight) in [
            ("attention.head_count", 8, "blk.0.attn_k"), ("attention.key_length", 4, "blk.0.attn_q"),
            ("attention.value_length", 4, "blk.0.attn_v"), ("feed_forward_length", 24, "blk.0.ffn_gate"),
            ("block_count", 2, "blk.1.attn_q"), ("embedding_length", 40, "blk.0.attn_q"),
        ] as [(String, UInt32, String)] {
            var model = SmallModel()
            model[key] = .uint32(value)
            #expect(model.error()?.place == "small.gguf, tensor \(weight).weight")
        }
    }

    @Test func theArchitectureIsKnown() throws {
        var model = SmallModel()
        model.metadata["general.architecture"] = .string("gpt-9")
        let error = try #require(model.error())
        #expect(error.code == .unknownArchitecture)
        #expect(error.place == "small.gguf, general.architecture")
        #expect(error.problem.contains("gpt-9"))
        #expect(error.advice?.contains("llama") == true)
        for value: GGUFValue? in [nil, .uint32(1), .string(GGUFString(bytes: [0xFF]))] {
            model.metadata["general.architecture"] = value
            let error = try #require(model.error())
            #expect(error.code == .configuration)
            #expect(error.place == "small.gguf, general.architecture")
            #expect(error.advice != nil)
        }
    }
}
