import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers
import Testing

/// Tiny random models of every architecture against the reference engine's logits (../shared/conformance/architectures).
@Suite(.enabled(if: Shared.isPresent)) struct ArchitectureConformanceTests {
    static let families = [
        "llama-dense", "llama-moe", "mistral3-dense", "mistral3-moe", "qwen2-dense", "qwen3-dense", "gemma2-dense",
        "gemma3-dense", "phi3-dense", "smollm3-dense", "granite-dense", "granite-moe",
    ]

    @Test(arguments: families)
    func matchesReference(name: String) async throws {
        let expected = try Shared.floats("conformance/architectures/\(name).logits.f32")
        let error = try await Self.error(name, expected: expected, threads: 2, batchSize: 64)
        #expect(error < 1e-8, "normalized mean squared error \(error)")
    }

    /// The same logits, bit for bit, however the prompt is cut and however many threads work.
    @Test(arguments: ["llama-dense", "llama-moe", "gemma3-dense"])
    func doesNotDependOnBatchOrThreads(name: String) async throws {
        let whole = try await Self.logits(name, threads: 1, batchSize: 64)
        for (threads, batchSize) in [(1, 1), (2, 7), (3, 64), (2, 33)] {
            let other = try await Self.logits(name, threads: threads, batchSize: batchSize)
            #expect(whole.map(\.bitPattern) == other.map(\.bitPattern), "\(threads) threads, batches of \(batchSize)")
        }
    }

    private static func error(_ name: String, expected: [Float], threads: Int, batchSize: Int) async throws -> Double {
        let logits = try await logits(name, threads: threads, batchSize: batchSize)
        try #require(logits.count == expected.count)
        let difference = zip(logits, expected).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
        return difference / expected.reduce(0.0) { $0 + pow(Double($1), 2) }
    }

    private static func logits(_ name: String, threads: Int, batchSize: Int) async throws -> [Float] {
        let index = try Shared.json("conformance/architectures/index.json")
        let list = try #require(index[name + ".gguf"]?["tokens"]?.array)
        let tokens = list.compactMap { $0.integer.map(TokenID.init) }
        let url = Shared.url("conformance/architectures/\(name).gguf")
        let window = name.hasPrefix("gemma") ? ModelOptions.SlidingWindow.honor : .ignore
        let model = try LanguageModel(contentsOf: url, options: ModelOptions(slidingWindow: window))
        let engine = Engine(model, options: EngineOptions(threads: threads, batchSize: batchSize))
        let session = try await engine.makeSession(cacheType: .f32)
        return try await engine.logits(of: tokens, in: session)
    }
}
