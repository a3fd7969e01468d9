import Foundation
import SwiftletEngine
import SwiftletEvaluation
import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import Testing

/// Models whose weights are NaN or infinite: an error that says where, instead of a figure.
@Suite(.enabled(if: Shared.isPresent)) struct BadModelTests {
    private let text = ChunkedText(tokens: TestModel.tinyTokens(4 * 32), context: 32)
    private let evaluator = Evaluator(options: EngineOptions(threads: 1))

    /// The tiny model with one weight's first element overwritten.
    private func damaged(_ name: String, with value: Float) throws -> LanguageModel {
        let original = Shared.url("conformance/architectures/llama-dense.gguf")
        let file = try GGUFFile(original)
        let tensor = try #require(file.tensors.first { $0.name == name })
        var bytes = try Data(contentsOf: original)
        let place = file.dataOffsets[0] + tensor.offset
        withUnsafeBytes(of: value) { bytes.replaceSubrange(place..<place + 4, with: $0) }
        let url = TestModel.folder.appending(path: "\(name)-\(value).gguf")
        try bytes.write(to: url)
        return try LanguageModel(contentsOf: url)
    }

    @Test(arguments: [Float.nan, .infinity]) func perplexityNamesTheToken(_ value: Float) async throws {
        let model = try damaged("output_norm.weight", with: value)
        let error = await #expect(throws: EvaluationError.self) { try await evaluator.perplexity(of: model, on: text) }
        #expect(error?.code == .nonFinite)
        #expect(error?.problem.contains("token 16 of chunk 1") == true)
    }

    @Test func comparisonNamesTheModel() async throws {
        let model = try damaged("output_norm.weight", with: .nan)
        let good = try TestModel.tiny("llama-dense")
        for (base, other) in [(model, good), (good, model)] {
            let error = await #expect(throws: EvaluationError.self) {
                try await evaluator.compareLogits(of: [other], with: base, on: text)
            }
            #expect(error?.code == .nonFinite)
            #expect(error?.place?.contains("output_norm") == true)
        }
    }

    @Test func importanceNamesTheWeight() async throws {
        let model = try damaged("blk.1.ffn_norm.weight", with: .nan)
        let error = await #expect(throws: EvaluationError.self) {
            try await evaluator.importance(of: model, on: text, dataset: "tiny")
        }
        #expect(error?.code == .nonFinite)
        #expect(error?.place?.contains("blk.1.ffn_") == true)
    }
}
