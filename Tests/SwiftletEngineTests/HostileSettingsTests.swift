import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers
import Testing

/// Model files that lie about one setting: they are refused with an error that says where, or they run; they never trap.
@Suite(.enabled(if: Shared.isPresent)) struct HostileSettingsTests {
    private static let integers: [GGUFValue] = [
        .uint32(0), .uint32(1), .uint32(2), .uint32(3), .uint32(8), .uint32(4096), .int32(-1), .uint64(1 << 60),
    ]
    private static let floats: [GGUFValue] = [
        .float32(0), .float32(-1), .float32(1), .float32(1e-38), .float32(3e38), .float32(.nan), .float64(1e300),
    ]
    private static let others: [GGUFValue] = [
        .string("yarn"), .string(GGUFString(bytes: [0xFF])), .bool(false), .array(GGUFArray([2, 1] as [Int32])),
        .array(GGUFArray([true])),
    ]
    private static let integerKeys = [
        "attention.head_count", "attention.head_count_kv", "attention.key_length", "attention.sliding_window",
        "attention.sliding_window_pattern", "attention.value_length", "block_count", "context_length",
        "embedding_length", "expert_count", "expert_feed_forward_length", "expert_shared_feed_forward_length",
        "expert_used_count", "feed_forward_length", "rope.dimension_count", "rope.scaling.original_context_length",
    ]
    private static let floatKeys = [
        "attention.layer_norm_rms_epsilon", "attention.scale", "attention.temperature_scale",
        "attn_logit_softcapping", "expert_weights_scale", "final_logit_softcapping", "logit_scale", "residual_scale",
        "rope.freq_base", "rope.freq_base_swa", "rope.scaling.attn_factor", "rope.scaling.factor", "rope.scaling.type",
        "rope.scaling.yarn_beta_fast", "rope.scaling.yarn_ext_factor", "rope.scaling.yarn_log_multiplier",
    ]

    @Test(arguments: ["llama-moe", "mistral3-dense", "gemma3-dense", "phi3-dense", "granite-moe"])
    func neverTrap(name: String) async throws {
        let source = try GGUFFile(TinyModel.url(name))
        let architecture = try source.metadata.string("general.architecture")
        var count = (refused: 0, ran: 0)
        for (keys, values) in [(Self.integerKeys, Self.integers), (Self.floatKeys, Self.floats)] {
            for key in keys {
                for value in values + Self.others {
                    var metadata = source.metadata
                    // YaRN has most to compute, so that other settings of RoPE count.
                    metadata["\(architecture).rope.scaling.type"] = .string("yarn")
                    metadata["\(architecture).\(key)"] = value
                    do {
                        try await run(source, metadata)
                        count.ran += 1
                    } catch let error as ModelError {
                        #expect(error.place != nil && error.advice != nil, "\(key) \(value): \(error)")
                        count.refused += 1
                    } catch let error as EngineError {
                        #expect(error.advice != nil, "\(key) \(value): \(error)")
                        count.refused += 1
                    }
                }
            }
        }
        #expect(count.refused > 100 && count.ran > 100)
    }

    /// A short prompt through the tensors of `source` with other metadata.
    private func run(_ source: GGUFFile, _ metadata: GGUFMetadata) async throws {
        let model = try open(source, metadata)
        let engine = Engine(model, options: EngineOptions(threads: 1, batchSize: 3))
        let logits = try await engine.logits(of: [1, 2, 3, 4, 5], in: engine.makeSession(contextLength: 8))
        #expect(logits.count == 5 * model.configuration.vocabularySize)
    }

    private func open(_ source: GGUFFile, _ metadata: GGUFMetadata) throws -> LanguageModel {
        let url = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID()).gguf")
        defer { try? FileManager.default.removeItem(at: url) }
        var writer = try GGUFWriter(metadata: metadata)
        for tensor in source.tensors { try writer.add(tensor.name, type: tensor.type, dimensions: tensor.dimensions) }
        try writer.write(to: url) { tensor, write in
            try write(#require(source.tensor(named: tensor.name)).bytes)
        }
        return try LanguageModel(contentsOf: url)
    }

    /// A file may claim any context: what no machine holds is an error, not a crash.
    @Test func aContextLargerThanTheMachineIsAnError() async throws {
        let source = try GGUFFile(TinyModel.url("llama-dense"))
        var metadata = source.metadata
        metadata["llama.context_length"] = .uint32(1 << 30)
        let engine = Engine(try open(source, metadata), options: EngineOptions(threads: 1))
        let error = await #expect(throws: EngineError.self) { try await engine.makeSession(contextLength: 1 << 30) }
        #expect(error?.code == .contextLength)
        #expect(error?.problem.contains("memory") == true)
        await #expect(throws: EngineError.self) { try await engine.makeSession(contextLength: 0) }
        await #expect(throws: EngineError.self) { try await engine.makeSession(contextLength: .max) }
        #expect(try await engine.makeSession().contextLength == ModelOptions.usualContext)
    }

    /// Two heads of 16 fill a block of Q8_0, but one head does not.
    @Test func blocksOfTheCacheMustFitEachHead() async throws {
        let source = try GGUFFile(TinyModel.url("qwen2-dense"))
        var metadata = source.metadata
        for key in ["attention.head_count", "attention.head_count_kv"] { metadata["qwen2." + key] = .uint32(4) }
        for key in ["attention.key_length", "attention.value_length", "rope.dimension_count"] {
            metadata["qwen2." + key] = .uint32(16)
        }
        let engine = Engine(try open(source, metadata), options: EngineOptions(threads: 1))
        let error = await #expect(throws: EngineError.self) { try await engine.makeSession(cacheType: .q8_0) }
        #expect(error?.code == .cacheType)
        #expect(error?.advice != nil)
    }
}
