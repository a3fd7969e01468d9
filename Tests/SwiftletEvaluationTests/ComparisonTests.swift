import Foundation
import SwiftletEngine
import SwiftletEvaluation
import SwiftletGround
import SwiftletModels
import Testing

@Suite(.enabled(if: Shared.isPresent)) struct ComparisonTests {
    private let text = ChunkedText(tokens: TestModel.tinyTokens(6 * 40), context: 40)
    private let evaluator = Evaluator(options: EngineOptions(threads: 2, batchSize: 64), cacheType: .f32)

    @Test func modelIsLikeItself() async throws {
        let model = try TestModel.tiny("llama-dense")
        let result = try await evaluator.compareLogits(of: [model], with: model, on: text)
        let own = try #require(result.models.first)
        #expect(abs(own.divergence.mean.value) < 1e-9 && own.divergence.maximum < 1e-9)
        #expect(own.ratio.value == 1 && own.ratio.error < 1e-6)
        #expect(own.sameTop == Estimate(value: 1, error: 0))
        #expect(own.probabilityChangeRMS.value == 0)
        #expect(own.perplexity.value == result.base.perplexity.value)
        #expect(own.size == result.baseSize && own.size.parameters > 0)
    }

    /// Against the logits of both models, element by element in double.
    @Test func divergenceIsThatOfTheLogits() async throws {
        let models = try ["llama-dense", "qwen2-dense", "gemma2-dense"].map(TestModel.tiny)
        let logits = try await logits(of: models)
        // Tiny models of several architectures have logits for 128 tokens and no vocabulary.
        let result = try await evaluator.compareLogits(of: Array(models.dropFirst()), with: models[0], on: text)
        for (index, comparison) in result.models.enumerated() {
            var divergences: [Double] = []
            var same = 0
            for (base, own) in zip(logits[0], logits[index + 1]) {
                let (p, q) = (logSoftmax(base), logSoftmax(own))
                divergences.append(zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) })
                same += base.firstIndex(of: base.max() ?? 0) == own.firstIndex(of: own.max() ?? 0) ? 1 : 0
            }
            let mean = divergences.reduce(0, +) / Double(divergences.count)
            #expect(comparison.divergence.mean.value > 1e-5)
            #expect(abs(comparison.divergence.mean.value / mean - 1) < 1e-4)
            #expect(abs(comparison.divergence.maximum / (divergences.max() ?? 0) - 1) < 1e-3)
            #expect(comparison.sameTop.value == Double(same) / Double(divergences.count))
            #expect(comparison.ratio.value == exp(comparison.logRatio.value))
            #expect(
                abs(comparison.ratio.value - comparison.perplexity.value / result.base.perplexity.value) < 1e-9)
        }
    }

    @Test(.enabled(if: TestModel.smollm2 != nil)) func otherVocabulariesAreRefused() async throws {
        let model = try LanguageModel(contentsOf: try #require(TestModel.smollm2))
        let other = try TestModel.tiny("llama-dense")
        await #expect(throws: (any Error).self) {
            try await evaluator.compare([other], with: model, on: text)
        }
    }

    private func logits(of models: [LanguageModel]) async throws -> [[[Float]]] {
        var all: [[[Float]]] = []
        for model in models {
            let engine = Engine(model, options: EngineOptions(threads: 1))
            var rows: [[Float]] = []
            for chunk in 0..<text.count {
                let logits = try await engine.logits(of: text.chunk(chunk), in: engine.makeSession(cacheType: .f32))
                rows += text.scoredRows.map { Array(logits[$0 * 128..<($0 + 1) * 128]) }
            }
            all.append(rows)
        }
        return all
    }

    private func logSoftmax(_ logits: [Float]) -> [Double] {
        let top = Double(logits.max() ?? 0)
        let sum = log(logits.reduce(0.0) { $0 + exp(Double($1) - top) })
        return logits.map { Double($0) - top - sum }
    }
}
