import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletTokenizers
import Testing

/// Sessions, generation and its ends on a real small model.
@Suite(.enabled(if: TestModel.smollm2 != nil)) struct GenerationTests {
    private struct Answer {
        var text = ""
        var tokens: [TokenID] = []
        var result: GenerationResult?
    }

    private func engine() throws -> Engine {
        Engine(try LanguageModel(contentsOf: #require(TestModel.smollm2)), options: EngineOptions(threads: 2))
    }

    private func collect(_ stream: TokenStream) async throws -> Answer {
        var answer = Answer()
        for try await event in stream {
            switch event {
            case .prompt: break
            case .token(let token):
                answer.tokens.append(token.id)
                answer.text += token.text
            case .text(let text): answer.text += text
            case .finished(let result): answer.result = result
            }
        }
        return answer
    }

    private func question(_ engine: Engine, _ text: String = "What is 2+2?") throws -> [TokenID] {
        try engine.model.prompt(for: [ChatMessage(role: "user", content: text)])
    }

    private func parameters(_ maxTokens: Int?, stop: [String] = []) -> GenerationParameters {
        GenerationParameters(sampling: .greedy, maxTokens: maxTokens, stop: stop)
    }

    @Test func answersAQuestion() async throws {
        let engine = try engine()
        let answer = try await collect(
            engine.generate(question(engine), in: engine.makeSession(), parameters: parameters(60)))
        #expect(answer.text.contains("4"))
        #expect(answer.result?.reason == .stop)
        #expect(answer.result?.cachedTokens == 0)
    }

    @Test func sameSeedSameText() async throws {
        let engine = try engine()
        var sampled = parameters(30)
        sampled.sampling = SamplingParameters()
        sampled.sampling.temperature = 1.2
        sampled.sampling.seed = 7
        var texts: Set<String> = []
        for _ in 0..<2 {
            let answer = try await collect(
                engine.generate(question(engine, "Tell me a story."), in: engine.makeSession(), parameters: sampled))
            texts.insert(answer.text)
        }
        #expect(texts.count == 1)
    }

    @Test func countsTokens() async throws {
        let engine = try engine()
        let answer = try await collect(
            engine.generate(
                question(engine, "Count to one hundred."), in: engine.makeSession(), parameters: parameters(5)))
        #expect(answer.result?.reason == .length)
        #expect(answer.result?.tokens.count == 5)
        #expect(answer.tokens.count == 5)
    }

    @Test func stopTextEndsTheAnswerAndIsNotPartOfIt() async throws {
        let engine = try engine()
        let free = try await collect(
            engine.generate(question(engine), in: engine.makeSession(), parameters: parameters(60)))
        let stopped = try await collect(
            engine.generate(question(engine), in: engine.makeSession(), parameters: parameters(60, stop: ["classic"])))
        #expect(stopped.result?.stopText == "classic")
        #expect(free.text.hasPrefix(stopped.text + "classic"))
    }

    /// A longer conversation only computes what is new, and answers as if it had computed everything.
    @Test func reusesThePrefix() async throws {
        let engine = try engine()
        let session = try await engine.makeSession()
        let first = try question(engine)
        let answer = try await collect(engine.generate(first, in: session, parameters: parameters(20)))
        let longer =
            first + answer.tokens
            + (try engine.model.tokenizer.encode(" And 3+3?", addSpecial: false, parseSpecial: false))
        let warm = try await collect(engine.generate(longer, in: session, parameters: parameters(20)))
        let cold = try await collect(engine.generate(longer, in: engine.makeSession(), parameters: parameters(20)))
        #expect((warm.result?.cachedTokens ?? 0) >= first.count + answer.tokens.count - 1)
        #expect(warm.tokens == cold.tokens)
    }

    @Test func fullContextIsAnErrorUnlessItShifts() async throws {
        let engine = try engine()
        let prompt = try question(engine, "Count to one hundred.")
        var endless = parameters(80)
        endless.ignoresEnd = true
        let small = try await engine.makeSession(contextLength: prompt.count + 20)
        await #expect(throws: EngineError.self) {
            try await collect(engine.generate(prompt, in: small, parameters: endless))
        }
        endless.overflow = .shift(keep: 4)
        let shifting = try await engine.makeSession(contextLength: prompt.count + 20)
        let answer = try await collect(engine.generate(prompt, in: shifting, parameters: endless))
        #expect(answer.tokens.count == 80)
    }

    @Test func promptThatDoesNotFitIsAnError() async throws {
        let engine = try engine()
        let session = try await engine.makeSession(contextLength: 8)
        let error = await #expect(throws: EngineError.self) {
            try await collect(engine.generate(question(engine), in: session, parameters: parameters(1)))
        }
        #expect(error?.code == .contextFull)
    }

    @Test func cancellationStopsTheSteps() async throws {
        let engine = try engine()
        let session = try await engine.makeSession()
        var endless = parameters(nil)
        endless.ignoresEnd = true
        var seen = 0
        for try await event in engine.generate(try question(engine), in: session, parameters: endless) {
            if case .token = event { seen += 1 }
            if seen == 3 { break }
        }
        // The session is free again once the last step has ended, and far from its context's end.
        let again = try await collect(engine.generate(try question(engine), in: session, parameters: parameters(3)))
        #expect(again.tokens.count == 3)
    }

    @Test func tokensOutsideTheVocabularyAreAnError() async throws {
        let engine = try engine()
        for token: TokenID in [-1, 49152, .max] {
            let session = try await engine.makeSession()
            await #expect(throws: EngineError.self) {
                try await collect(engine.generate([1, token], in: session, parameters: parameters(1)))
            }
        }
    }

    @Test func everyCacheTypeAnswers() async throws {
        let engine = try engine()
        for type in CacheType.allCases {
            let session = try await engine.makeSession(cacheType: type)
            let answer = try await collect(engine.generate(question(engine), in: session, parameters: parameters(40)))
            #expect(answer.text.contains("4"), "\(type)")
        }
    }
}
