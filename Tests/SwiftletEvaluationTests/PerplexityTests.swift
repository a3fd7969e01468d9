import Foundation
import SwiftletEngine
import SwiftletEvaluation
import SwiftletGround
import SwiftletModels
import SwiftletTokenizers
import Testing

@Suite(.enabled(if: Shared.isPresent)) struct PerplexityTests {
    /// The same chunks one after the other, together, and in pieces give the same bits.
    @Test(arguments: ["llama-dense", "llama-moe", "gemma2-dense"]) func batchesChangeNothing(_ name: String)
        async throws
    {
        let model = try TestModel.tiny(name)
        let text = ChunkedText(tokens: TestModel.tinyTokens(7 * 48 + 5), context: 48, beginning: 1)
        var found: Set<[UInt64]> = []
        for (threads, batch) in [(2, 48), (1, 1), (2, 7), (2, 100), (2, 1000)] {
            let evaluator = Evaluator(options: EngineOptions(threads: threads, batchSize: batch), cacheType: .f32)
            let result = try await evaluator.perplexity(of: model, on: text)
            #expect(result.chunks == 7)
            #expect(result.scoredTokens == 7 * (48 - 24 - 1))
            found.insert(result.running.map(\.bitPattern))
        }
        #expect(found.count == 1)
    }

    /// The scored rows' surprises, computed from the logits of whole chunks.
    @Test func scoresTheSecondHalfOfEachChunk() async throws {
        let model = try TestModel.tiny("llama-dense")
        let tokens = TestModel.tinyTokens(3 * 32)
        let text = ChunkedText(tokens: tokens, context: 32, beginning: 5)
        let engine = Engine(model, options: EngineOptions(threads: 1))
        var surprises: [Double] = []
        for chunk in 0..<3 {
            var part = Array(tokens[chunk * 32..<(chunk + 1) * 32])
            part[0] = 5
            let logits = try await engine.logits(of: part, in: engine.makeSession(cacheType: .f32))
            for row in 16..<31 {
                let values = logits[row * 128..<(row + 1) * 128].map(Double.init)
                surprises.append(log(values.reduce(0) { $0 + exp($1) }) - values[Int(part[row + 1])])
            }
        }
        let result = try await Evaluator(options: EngineOptions(threads: 1), cacheType: .f32)
            .perplexity(of: model, on: text)
        let mean = surprises.reduce(0, +) / Double(surprises.count)
        #expect(abs(result.surprise.value - mean) < 1e-6)
        #expect(abs(result.perplexity.value - exp(mean)) < 1e-4)
        #expect(result.running.last == result.perplexity.value)
    }

    @Test func cancellingStops() async throws {
        let model = try TestModel.tiny("llama-dense")
        let text = ChunkedText(tokens: TestModel.tinyTokens(40_000), context: 200)
        let task = Task {
            try await Evaluator(options: EngineOptions(threads: 1)).perplexity(of: model, on: text)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    /// llama-perplexity's figure for the same file and text (conformance/quality).
    @Test(.enabled(if: TestModel.smollm2 != nil)) func isTheReferences() async throws {
        let model = try LanguageModel(contentsOf: try #require(TestModel.smollm2))
        let facts = try Shared.json("conformance/quality/smollm2-dithered.json")
        let expected = try #require(facts["undithered SmolLM2-135M-Instruct.Q4_1.gguf"])
        let text = try ChunkedText(
            String(contentsOf: Shared.url("corpus/evaluation.txt"), encoding: .utf8), for: model, limit: 20)
        let result = try await Evaluator().perplexity(of: model, on: text)
        let (perplexity, error) = (try #require(expected["ppl"]?.number), try #require(expected["ppl_error"]?.number))
        #expect(abs(result.perplexity.value / perplexity - 1) < 0.005)
        #expect(abs(result.perplexity.error / error - 1) < 0.01)
        #expect(result.scoredTokens == 20 * 255)
    }
}

@Suite(.enabled(if: TestModel.smollm2 != nil)) struct ChunkedTextTests {
    private func model() throws -> LanguageModel { try LanguageModel(contentsOf: try #require(TestModel.smollm2)) }

    private func code(_ body: () throws -> ChunkedText) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? EvaluationError)?.code.name
        }
    }

    @Test func badTextsAreRefused() throws {
        let model = try model()
        for text in ["", "\n", " \n\t "] { #expect(code { try ChunkedText(text, for: model) } == "text") }
        #expect(code { try ChunkedText("a short text", for: model) } == "text")
        let long = String(repeating: "All work and no play makes Jack a dull boy. ", count: 30)
        #expect(code { try ChunkedText(long, for: model, context: 64, first: 9) } == "text")
        #expect(code { try ChunkedText(long, for: model, context: 64, first: -1) } == "text")
        #expect(code { try ChunkedText(long, for: model, context: 3) } == "invalid-parameter")
        #expect(code { try ChunkedText(long, for: model, context: 1 << 30) } == "invalid-parameter")
        #expect(code { try ChunkedText(long, for: model, context: 64, limit: 0) } == "invalid-parameter")
        #expect(code { try ChunkedText(long, for: model, context: 64, limit: 2) } == nil)
    }

    /// One line break at the end is not the text's.
    @Test func lastLineBreakIsLeftOut() throws {
        let model = try model()
        let line = "one two three four"
        let texts = try [line, line + "\n", line + "\n\n"].map { try ChunkedText($0, for: model, context: 4) }
        #expect(texts[0].chunk(0) == texts[1].chunk(0))
        #expect(texts.map(\.count) == [1, 1, 1])
        let crlf = try ChunkedText(line + "\r\n", for: model, context: 5)
        #expect(crlf.chunk(0).last == (try model.tokenizer.encode("\r").first))
    }

    @Test func chunksGoOnWhereTheTextIs() throws {
        let model = try model()
        let text = String(repeating: "All work and no play makes Jack a dull boy. ", count: 30)
        let all = try ChunkedText(text, for: model, context: 32)
        let later = try ChunkedText(text, for: model, context: 32, limit: 2, first: 3)
        #expect(later.count == 2)
        #expect((0..<2).map(later.chunk) == (3..<5).map(all.chunk))
        #expect(later.target(0, row: 31) == all.target(3, row: 31))
    }
}
