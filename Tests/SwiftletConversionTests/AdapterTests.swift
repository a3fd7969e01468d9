import Crypto
import Foundation
import SwiftletConversion
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Testing

/// LoRA adapters against the reference's converter, and merged.
@Suite struct AdapterTests {
    @Test(arguments: ["llama", "qwen2", "granitemoe"])
    func equalsReference(name: String) throws {
        let (base, adapter) = (try TinyCheckpoint(name), try TinyAdapter(name))
        let output = base.folder.file("adapter.gguf")
        try PEFTAdapter(adapter.url).converted(base: Checkpoint(base.url)).write(to: output)
        let digest = SHA256.hash(data: try Data(contentsOf: output)).hexadecimal
        #expect(digest == Fixtures.adapters[name]?["sha256"]?.string)
        // A GGUF file as the base says the same.
        let model = base.folder.file("base.gguf")
        try Checkpoint(base.url).converted().write(to: model)
        let other = base.folder.file("other.gguf")
        try PEFTAdapter(adapter.url).converted(base: GGUFFile(model)).write(to: other)
        #expect(try Data(contentsOf: output) == Data(contentsOf: other))
    }

    /// W + alpha / rank * B A, worked out here from the checkpoint's own order of rows.
    @Test func mergesExactly() throws {
        let (base, adapter) = (try TinyCheckpoint("llama"), try TinyAdapter("llama"))
        let model = try Checkpoint(base.url).converted(to: .f32)
        let converted = try PEFTAdapter(adapter.url).converted(base: Checkpoint(base.url))
        let merged = try MergedModel(model, adapters: [(converted, 0.5)])
        #expect(merged.changedTensorCount == 8)
        let name = "model.layers.1.mlp.up_proj"
        let weights = TinyWeights.values(name + ".weight", count: 96 * 64)
        let a = TinyWeights.values("base_model.model.\(name).lora_A.weight", count: 8 * 64)
        let b = TinyWeights.values("base_model.model.\(name).lora_B.weight", count: 96 * 8)
        let numbers = try Self.numbers(merged, "blk.1.ffn_up.weight")
        for row in 0..<96 {
            for column in 0..<64 {
                let change = (0..<8).reduce(0.0) { $0 + Double(b[row * 8 + $1]) * Double(a[$1 * 64 + column]) }
                let expected = Double(weights[row * 64 + column]) + 0.5 * 16 / 8 * change
                #expect(abs(Double(numbers[row * 64 + column]) - expected) < 1e-5)
            }
        }
        // What the adapter leaves alone stays to the bit.
        #expect(try Self.numbers(merged, "blk.0.ffn_down.weight") == Self.numbers(model, "blk.0.ffn_down.weight"))
        // Query rows move with their weight: merging after conversion is converting after merging.
        let query = try Self.numbers(merged, "blk.0.attn_q.weight")
        let row = Self.mergedQueryRow(0, 5)
        #expect(zip(query[64 * 10..<64 * 11], row).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    /// Row `row` of head 0 of the merged query weight in the checkpoint's order; row 5 of the first half is row 10 in
    /// GGUF.
    private static func mergedQueryRow(_ layer: Int, _ row: Int) -> [Float] {
        let name = "model.layers.\(layer).self_attn.q_proj"
        let weights = TinyWeights.values(name + ".weight", count: 64 * 64)
        let a = TinyWeights.values("base_model.model.\(name).lora_A.weight", count: 8 * 64)
        let b = TinyWeights.values("base_model.model.\(name).lora_B.weight", count: 64 * 8)
        return (0..<64).map { column in
            weights[row * 64 + column] + (0..<8).reduce(Float(0)) { $0 + b[row * 8 + $1] * a[$1 * 64 + column] }
        }
    }

    @Test func countsRankStabilizedScaling() throws {
        let base = try TinyCheckpoint("qwen2")
        let plain = try PEFTAdapter(TinyAdapter("qwen2").url).converted(base: Checkpoint(base.url))
        let stable = try PEFTAdapter(TinyAdapter("qwen2", settings: ["use_rslora": true]).url)
            .converted(base: Checkpoint(base.url))
        let name = "blk.0.ffn_down.weight.lora_b"
        #expect(try Self.numbers(stable, name) == Self.numbers(plain, name).map { $0 * 2 })
    }

    @Test func refusesWhatDoesNotFit() throws {
        let (base, other) = (try TinyCheckpoint("llama"), try TinyCheckpoint("qwen2"))
        let adapter = try PEFTAdapter(TinyAdapter("llama").url).converted(base: Checkpoint(base.url))
        #expect(throws: ConversionError.self) {
            try MergedModel(Checkpoint(other.url).converted(), adapters: [(adapter, 1)])
        }
        #expect(throws: ConversionError.self) { try MergedModel(adapter, adapters: [(adapter, 1)]) }
        let dora = try TinyAdapter("llama", settings: ["use_dora": true])
        #expect(throws: ConversionError.self) { try PEFTAdapter(dora.url) }
        #expect(throws: ConversionError.self) { try PEFTAdapter(base.url) }
        let unscaled = try TinyAdapter("llama", settings: ["lora_alpha": nil])
        #expect(throws: ConversionError.self) { try PEFTAdapter(unscaled.url).converted(base: Checkpoint(base.url)) }
    }

    /// A norm without weights but with 2^60 rows: written row by row, it would take years.
    @Test func refusesEmptyTensors() throws {
        let base = try TinyCheckpoint("llama")
        let name = "base_model.model.model.layers.0.input_layernorm.weight"
        for shape in [[1 << 60, 0], [0, 1 << 40, 1 << 40], [0]] {
            let extra = try SafetensorsFile.empty(name, .f32, shape)
            let adapter = try PEFTAdapter(TinyAdapter("llama", extra: extra).url)
            let error = #expect(throws: ConversionError.self) { try adapter.converted(base: Checkpoint(base.url)) }
            #expect(error?.place?.contains("input_layernorm") == true)
        }
    }

    private static func numbers(_ source: any TensorSource, _ name: String) throws -> [Float] {
        let index = try #require(source.tensors.firstIndex { $0.name == name })
        var numbers: [Float] = []
        try source.withUnsafeRows(0..<source.tensors[index].rows, ofTensor: index) {
            numbers += $0.bindMemory(to: Float.self)
        }
        return numbers
    }
}
