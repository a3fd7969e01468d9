import Foundation
import SwiftletEngine
import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers
import Testing

/// How far the fast kernels' int8 activations are from exact arithmetic, on a real model and text.
@Suite(.enabled(if: TestModel.smollm2 != nil && Shared.isPresent)) struct ExactnessTests {
    /// llama.cpp's own kernels give a mean of 0.0026 and a maximum of 0.024 nats here (F32 weights and cache as the base).
    @Test func fastArithmeticIsAsExactAsTheReference() async throws {
        let model = try LanguageModel(contentsOf: try #require(TestModel.smollm2))
        let text = try String(contentsOf: Shared.url("corpus/evaluation.txt"), encoding: .utf8)
        let tokens = Array(try model.tokenizer.encode(text, addSpecial: false, parseSpecial: false).prefix(2000))
        try #require(tokens.count == 2000)

        let exact = Engine(model, options: EngineOptions(threads: 2, arithmetic: .exact))
        let base = try await exact.logits(of: tokens, in: exact.makeSession(cacheType: .f32))
        let fast = Engine(model, options: EngineOptions(threads: 2))
        let size = model.configuration.vocabularySize
        var divergences: [Double] = []
        try await fast.logits(of: tokens, in: fast.makeSession(cacheType: .f32)) { row, logits in
            divergences.append(divergence(base[row * size..<(row + 1) * size], logits))
        }
        let mean = divergences.reduce(0, +) / Double(divergences.count)
        let largest = divergences.max() ?? .infinity
        print("KL divergence of fast from exact arithmetic: mean \(mean), maximum \(largest)")
        #expect(mean <= 0.0026)
        #expect(largest <= 0.024)
    }

    /// Kullback-Leibler divergence of the softmax of `other` from that of `base`, in nats.
    private func divergence(_ base: ArraySlice<Float>, _ other: some Collection<Float>) -> Double {
        let (p, q) = (logSumExp(base), logSumExp(other))
        return zip(base, other).reduce(0.0) { sum, pair in
            let (a, b) = (Double(pair.0) - p, Double(pair.1) - q)
            return sum + exp(a) * (a - b)
        }
    }

    private func logSumExp(_ values: some Collection<Float>) -> Double {
        let top = Double(values.max() ?? 0)
        return top + log(values.reduce(0.0) { $0 + exp(Double($1) - top) })
    }
}
