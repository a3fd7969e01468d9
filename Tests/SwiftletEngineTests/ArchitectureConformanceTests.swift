import Foundation
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
        let error = try TinyModel.error(of: await Self.logits(name, threads: 2, batchSize: 64), from: expected)
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

    private static func logits(_ name: String, threads: Int, batchSize: Int) async throws -> [Float] {
        try await TinyModel.logits(
            of: TinyModel.tokens(of: name), in: TinyModel.url(name), slidingWindow: TinyModel.slidingWindow(of: name),
            threads: threads, batchSize: batchSize)
    }
}
