import Foundation
import SwiftletConversion
import SwiftletEngine
import SwiftletEvaluation
import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import SwiftletQuantizer
import SwiftletTensors
import Testing

/// Importance matrices of an encoder: all-MiniLM-L6-v2, which `make test` gets and names.
@Suite(.enabled(if: Shared.isPresent && TestModel.miniLM != nil)) struct EncoderImportanceTests {
    /// Every weight that a quantizer asks for, each once; the embeddings are looked up, not multiplied.
    @Test func holdsWhatTheQuantizerAsksFor() async throws {
        let url = TestModel.folder.appending(path: "minilm.gguf")
        try Checkpoint(try #require(TestModel.miniLM)).converted(to: .f32).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        let model = try EncoderModel(contentsOf: url)
        #expect(EncoderModel.fits(model.file))
        #expect(!EncoderModel.fits(try TestModel.tiny("llama-dense").file))
        let text = try ChunkedText(
            String(contentsOf: Shared.url("corpus/calibration.txt"), encoding: .utf8), for: model, context: 128,
            limit: 3)
        let result = try await Evaluator(options: EngineOptions(threads: 2, batchSize: 256)).importance(
            of: model, on: text, dataset: "calibration.txt")
        #expect(result.perplexity == nil)
        let matrix = result.matrix
        #expect((matrix.chunkCount, matrix.chunkSize) == (3, 128))
        for entry in matrix.entries {
            #expect(entry.counts == [3 * 128], "\(entry.name)")
            #expect(entry.sums.allSatisfy { $0 > 0 && $0.isFinite }, "\(entry.name)")
        }
        func sums(_ name: String) -> [Float]? { matrix.entries.first { $0.name == "blk.3.\(name).weight" }?.sums }
        #expect(sums("attn_q") == sums("attn_k") && sums("attn_q") == sums("attn_v") && sums("attn_q") != nil)

        var options = QuantizationOptions(try FileType(named: "IQ3_XXS"))
        options.importance = try ImportanceMatrix(matrix, fileName: "minilm.imatrix.gguf")
        let plan = try QuantizationPlan(model.file, options)
        let asked = plan.tensors.filter { $0.type != $0.sourceType && $0.name != "token_embd.weight" }
        #expect(asked.count == 6 * 6)
        #expect(asked.allSatisfy { $0.importance?.count == $0.columns })
        #expect(Set(asked.map(\.name)) == Set(matrix.entries.map(\.name)))
    }
}
