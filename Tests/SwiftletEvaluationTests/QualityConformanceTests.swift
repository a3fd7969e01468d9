import Foundation
import SwiftletEvaluation
import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import SwiftletQuantizer
import Testing

/// Files that our quantizer makes from the dithered SmolLM2, measured by our lab, beside llama-perplexity's figures for the
/// reference's (conformance/quality). One type by default; SWIFTLET_TEST_QUALITY=1 measures all nine in two minutes.
@Suite(.enabled(if: Shared.isPresent && TestModel.smollm2 != nil), .serialized) struct QualityConformanceTests {
    static let types =
        ProcessInfo.processInfo.environment["SWIFTLET_TEST_QUALITY"] == nil
        ? ["Q4_K_M"]
        : ["Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_1", "Q4_0", "IQ4_XS", "Q3_K_M", "Q2_K"]

    @Test func figuresAreTheReferencesOrBetter() async throws {
        let facts = try Shared.json("conformance/quality/smollm2-dithered.json")
        let base = TestModel.folder.appending(path: "dithered.gguf")
        try DitheredModel.write(try #require(TestModel.smollm2), to: base)
        #expect(try DitheredModel.hash(of: base) == facts["model"]?["sha256"]?.string)
        let files = try Self.types.map { try quantize(base, $0) }
        defer { for file in files + [base] { try? FileManager.default.removeItem(at: file) } }

        let model = try LanguageModel(contentsOf: base)
        let text = try ChunkedText(
            String(contentsOf: Shared.url("corpus/evaluation.txt"), encoding: .utf8), for: model, limit: 20)
        let result = try await Evaluator().compare(
            files.map { try LanguageModel(contentsOf: $0) }, with: model, on: text)

        let expected = try #require(facts["base"]?["ppl"]?.number)
        #expect(abs(result.base.perplexity.value / expected - 1) < 0.005)
        for (type, comparison) in zip(Self.types, result.models) {
            let figures = try #require(facts["types"]?[type])
            func figure(_ name: String) throws -> Double {
                // "31.278030 ±  1.288666"
                try #require(Double(figures[name]?.string?.split(separator: " ").first ?? ""))
            }
            let (perplexity, divergence) = (comparison.perplexity.value, comparison.divergence)
            print(type, perplexity, divergence.mean.value, divergence.median, comparison.sameTop.value)
            // Rounding activations worsens a model, and the reference rounds more than we do: for IQ4_XS it measures 39.925
            // and we 39.589, where exact arithmetic gives 39.584.
            let ratio = perplexity / (try figure("Mean PPL(Q)"))
            #expect(ratio > 0.99 && ratio < 1.005, "\(type)")
            #expect(divergence.mean.value <= (try figure("Mean KLD")) * 1.05, "\(type)")
            #expect(divergence.median <= (try figure("Median KLD")) * 1.05, "\(type)")
            #expect(divergence.quantile(0.99) <= (try figure("99.0% KLD")) * 1.05, "\(type)")
            #expect(comparison.sameTop.value * 100 >= (try figure("Same top p")) - 1, "\(type)")
        }
    }

    private func quantize(_ source: URL, _ type: String) throws -> URL {
        let url = TestModel.folder.appending(path: "\(type).gguf")
        let file = try GGUFFile(source)
        let plan = try QuantizationPlan(file, QuantizationOptions(FileType(named: type)))
        try Quantizer(plan, of: file).write(to: [url])
        return url
    }
}
