import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletQuantizer
import SwiftletTensors
import Testing

@Suite struct OptionTests {
    let model: TinyModel

    init() throws { model = try TinyModel() }

    private func plan(_ type: FileType, _ change: (inout QuantizationOptions) throws -> Void) throws -> QuantizationPlan
    {
        var options = QuantizationOptions(type)
        try change(&options)
        return try QuantizationPlan(model, options)
    }

    @Test func firstRuleDecides() throws {
        let plan = try plan(.q4_K_M) {
            $0.tensorTypes = try [
                TensorTypeRule(#"blk\.0\.ATTN_[QK]\.=q8_0"#), TensorTypeRule("attn_q=F16"),
                TensorTypeRule(#"\Dnorm=q8_0"#),
            ]
        }
        #expect(plan.type(of: "blk.0.attn_q.weight") == .q8_0)
        #expect(plan.type(of: "blk.0.attn_k.weight") == .q8_0)
        #expect(plan.type(of: "blk.1.attn_q.weight") == .f16)
        #expect(plan.type(of: "blk.1.attn_k.weight") == .q4_K)
        #expect(plan.type(of: "output_norm.weight") == .f32, "vectors have no choice")
    }

    @Test func rulesAreForQuantizedFilesAndRowsThatFit() throws {
        var narrow = try TinyModel()
        try narrow.add("blk.0.attn_qkv.weight", 96, 4)
        var options = QuantizationOptions(.q8_0)
        options.tensorTypes = [try TensorTypeRule("qkv=q6_K")]
        #expect(try QuantizationPlan(narrow, options).type(of: "blk.0.attn_qkv.weight") == .q8_0)
        options.fileType = .f16
        #expect(try QuantizationPlan(narrow, options).type(of: "blk.0.attn_qkv.weight") == .f16)
    }

    @Test(arguments: ["", "=q8_0", "attn_q", "attn_q=", "attn_q=q9", "attn_q=i32", "(=q8_0", "[z-a]=q8_0"])
    func wrongRules(_ text: String) {
        #expect(throws: QuantizerError.self) { try TensorTypeRule(text) }
    }

    @Test func ends() throws {
        let plan = try plan(.q4_K_M) { ($0.outputType, $0.embeddingType) = (.f16, .q8_0) }
        #expect(plan.type(of: "output.weight") == .f16)
        #expect(plan.type(of: "token_embd.weight") == .q8_0)
        let left = try self.plan(.q4_K_M) { $0.leavesOutput = true }
        #expect(left.type(of: "output.weight") == .f32)
        #expect(left.type(of: "token_embd.weight") == .q4_K)
        #expect(try self.plan(.q4_K_M) { _ in }.type(of: "output.weight") == .q6_K)
    }

    @Test func tiedEmbeddings() throws {
        let tied = try TinyModel(tied: true)
        var options = QuantizationOptions(.q4_K_M)
        #expect(try QuantizationPlan(tied, options).type(of: "token_embd.weight") == .q6_K)
        options.outputType = .q5_K
        #expect(try QuantizationPlan(tied, options).type(of: "token_embd.weight") == .q5_K)
        options.embeddingType = .q8_0
        #expect(try QuantizationPlan(tied, options).type(of: "token_embd.weight") == .q8_0)
    }

    @Test func pure() throws {
        let plan = try plan(.q4_K_M) { $0.isPure = true }
        for tensor in plan.tensors where tensor.dimensions.count > 1 { #expect(tensor.type == .q4_K, "\(tensor.name)") }
    }

    @Test func overridesComeLastInTheirOrder() throws {
        let plan = try plan(.q8_0) {
            $0.overrides = try ["a.b=int:7", "general.name=str:x=y:z", "c=bool:true", "d=float:-0.1"].map(
                MetadataOverride.init)
        }
        let metadata = plan.files[0].metadata
        #expect(
            metadata.keys.suffix(6)
                == ["general.quantization_version", "general.file_type", "a.b", "general.name", "c", "d"])
        #expect(metadata["a.b"] == .uint32(7))
        #expect(metadata["general.name"] == .string("x=y:z"))
        #expect(metadata["c"] == .bool(true))
        #expect(metadata["d"] == .float32(-0.1))
        #expect(metadata["general.file_type"] == .uint32(7))
    }

    @Test(arguments: ["", "a", "a=7", "a=int:x", "a=int:-1", "a=bool:yes", "=int:1", "a=u8:1", "a=int:4294967296"])
    func wrongOverrides(_ text: String) {
        #expect(throws: QuantizerError.self) { try MetadataOverride(text) }
    }

    @Test func longTextsAreRefused() {
        #expect(throws: QuantizerError.self) { try MetadataOverride("a=str:" + String(repeating: "x", count: 128)) }
    }

    @Test func prunedLayers() throws {
        var model = try TinyModel(layers: 4)
        model.metadata["llama.attention.head_count_kv"] = .array(GGUFArray([2, 4, 1, 3] as [Int32]))
        model.metadata["llama.rope.dimension_sections"] = .array(GGUFArray([8, 8, 0] as [Int32]))
        var options = QuantizationOptions(.q8_0)
        options.prunedLayers = [0, 2]
        let plan = try QuantizationPlan(model, options)
        #expect(plan.files[0].metadata["llama.block_count"] == .uint32(2))
        #expect(plan.files[0].metadata.keys.last == "llama.block_count")
        #expect(try plan.files[0].metadata.integers("llama.attention.head_count_kv", as: Int.self) == [4, 3])
        #expect(try plan.files[0].metadata.integers("llama.rope.dimension_sections", as: Int.self) == [8, 8, 0])
        let down = plan.tensors.filter { $0.name.hasSuffix("ffn_down.weight") }
        #expect(down.map(\.name) == ["blk.0.ffn_down.weight", "blk.1.ffn_down.weight"])
        #expect(down.map { model.tensors[$0.sourceIndex].name } == ["blk.1.ffn_down.weight", "blk.3.ffn_down.weight"])
        for wrong in [[4], [-1], [0, 1, 2, 3]] as [Set<Int>] {
            options.prunedLayers = wrong
            #expect(throws: QuantizerError.self) { try QuantizationPlan(model, options) }
        }
    }

    @Test func splitFilesStaySplit() throws {
        var model = try TinyModel()
        model.tensors = try model.tensors.map {
            try GGUFTensor(
                name: $0.name, type: $0.type, dimensions: $0.dimensions, shard: $0.name.hasPrefix("blk.1") ? 1 : 0)
        }
        let folder = try Folder()
        try model.write(to: folder.file("m.gguf"))
        #expect(folder.names == ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"])
        let source = try GGUFFile(folder.file("m-00001-of-00002.gguf"))
        #expect(source.tensors.count == model.tensors.count)
        var options = QuantizationOptions(.q4_K_S)
        options.keepsSplit = true
        let quantizer = Quantizer(try QuantizationPlan(source, options), of: source)
        let urls = quantizer.urls(for: folder.file("q.gguf"), keepsSplit: true)
        try quantizer.write(to: urls)
        let split = try GGUFFile(urls[1])
        #expect(split.tensors.map(\.shard) == source.tensors.map(\.shard))
        // The same weights as in one file, which has no split keys.
        options.keepsSplit = false
        let whole = folder.file("whole.gguf")
        try Quantizer(QuantizationPlan(source, options), of: source).write(to: [whole])
        let one = try GGUFFile(whole)
        #expect(!one.metadata.keys.contains { $0.hasPrefix("split.") })
        for tensor in one.tensors {
            let (a, b) = (one.tensor(named: tensor.name), split.tensor(named: tensor.name))
            let same = try #require(a).bytes.elementsEqual(try #require(b).bytes)
            #expect(same, "\(tensor.name)")
        }
    }

    @Test func copiesKeepTypesAndFileType() throws {
        let folder = try Folder()
        try model.write(to: folder.file("a.gguf"))
        let source = try GGUFFile(folder.file("a.gguf"))
        try Quantizer(QuantizationPlan(source, QuantizationOptions(.q4_0)), of: source).write(to: [
            folder.file("q.gguf")
        ])
        let quantized = try GGUFFile(folder.file("q.gguf"))
        try Quantizer(QuantizationPlan(quantized, QuantizationOptions(.copy)), of: quantized)
            .write(to: [folder.file("copy.gguf")])
        #expect(try Data(contentsOf: folder.file("q.gguf")) == Data(contentsOf: folder.file("copy.gguf")))
        var nameless = model
        nameless.metadata["general.file_type"] = nil
        let plan = try QuantizationPlan(nameless, QuantizationOptions(.copy))
        #expect(plan.files[0].metadata["general.file_type"] == .uint32(1024), "guessed F32")
    }

    @Test func sizesAreKnownBefore() throws {
        let plan = try plan(.q4_K_M) { _ in }
        let folder = try Folder()
        try Quantizer(plan, of: model).write(to: [folder.file("q.gguf")])
        let written = try GGUFFile(folder.file("q.gguf"))
        #expect(plan.bytes == written.tensors.reduce(0) { $0 + $1.byteCount })
        #expect(plan.sourceBytes == model.tensors.reduce(0) { $0 + $1.byteCount })
        #expect(plan.bitsPerWeight > 4.5 && plan.bitsPerWeight < 8)
    }
}
