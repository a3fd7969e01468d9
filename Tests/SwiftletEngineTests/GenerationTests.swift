import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletTokenizers
import Testing

/// Generation and its ends on a real small model.
@Suite(.enabled(if: TestModel.smollm2 != nil)) struct GenerationTests {
    private struct Answer {
        var text = ""
        var tokens: [TokenID] = []
        var result: GenerationResult?
    }

    private func engine(contextLength: Int? = nil, _ change: (inout EngineOptions) -> Void = { _ in }) throws -> Engine
    {
        var options = EngineOptions(threads: 2)
        change(&options)
        let model = try LanguageModel(
            contentsOf: #require(TestModel.smollm2), options: ModelOptions(contextLength: contextLength))
        return Engine(model, options: options)
    }

    private func generate(
        _ engine: Engine, _ prompt: [TokenID], _ parameters: GenerationParameters, usesPrefixCache: Bool = false
    ) async throws -> Answer {
        try await collect(
            engine.generate(
                GenerationRequest(prompt: prompt, parameters: parameters, usesPrefixCache: usesPrefixCache)))
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
        let answer = try await generate(engine, question(engine), parameters(60))
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
            let answer = try await generate(engine, question(engine, "Tell me a story."), sampled)
            texts.insert(answer.text)
        }
        #expect(texts.count == 1)
    }

    @Test func countsTokens() async throws {
        let engine = try engine()
        let answer = try await generate(engine, question(engine, "Count to one hundred."), parameters(5))
        #expect(answer.result?.reason == .length)
        #expect(answer.result?.tokens.count == 5)
        #expect(answer.tokens.count == 5)
    }

    @Test func stopTextEndsTheAnswerAndIsNotPartOfIt() async throws {
        let engine = try engine()
        let free = try await generate(engine, question(engine), parameters(60))
        let stopped = try await generate(engine, question(engine), parameters(60, stop: ["classic"]))
        #expect(stopped.result?.stopText == "classic")
        #expect(free.text.hasPrefix(stopped.text + "classic"))
    }

    /// A longer conversation only computes what is new, and answers as if it had computed everything.
    @Test func reusesThePrefix() async throws {
        let engine = try engine()
        let first = try question(engine)
        let answer = try await generate(engine, first, parameters(20), usesPrefixCache: true)
        let longer =
            first + answer.tokens
            + (try engine.model.tokenizer.encode(" And 3+3?", addSpecial: false, parseSpecial: false))
        let warm = try await generate(engine, longer, parameters(20), usesPrefixCache: true)
        let cold = try await generate(engine, longer, parameters(20))
        #expect((warm.result?.cachedTokens ?? 0) >= first.count + answer.tokens.count - 1)
        #expect(warm.tokens == cold.tokens)
    }

    @Test func fullContextIsAnErrorUnlessItShifts() async throws {
        let prompt = try question(engine(), "Count to one hundred.")
        let engine = try engine(contextLength: prompt.count + 20)
        var endless = parameters(80)
        endless.ignoresEnd = true
        await #expect(throws: EngineError.self) {
            try await generate(engine, prompt, endless)
        }
        endless.overflow = .shift(keep: 4)
        let answer = try await generate(engine, prompt, endless)
        #expect(answer.tokens.count == 80)
    }

    @Test func promptThatDoesNotFitIsAnError() async throws {
        let engine = try engine(contextLength: 8)
        let error = await #expect(throws: EngineError.self) {
            try await generate(engine, question(engine), parameters(1))
        }
        #expect(error?.code == .contextFull)
    }

    @Test func cancellationStopsTheSteps() async throws {
        let engine = try engine()
        var endless = parameters(nil)
        endless.ignoresEnd = true
        var seen = 0
        let request = GenerationRequest(prompt: try question(engine), parameters: endless)
        for try await event in engine.generate(request) {
            if case .token = event { seen += 1 }
            if seen == 3 { break }
        }
        // Its place is free again once the step has ended, far from the context's end.
        let again = try await generate(engine, try question(engine), parameters(3))
        #expect(again.tokens.count == 3)
        let status = await engine.status()
        #expect(status.running == 0 && status.usedPages == 0 && status.cancelledRequests == 1)
        #expect(status.generatedTokens < 50)
    }

    @Test func tokensOutsideTheVocabularyAreAnError() async throws {
        let engine = try engine()
        for token: TokenID in [-1, 49152, .max] {
            await #expect(throws: EngineError.self) {
                try await generate(engine, [1, token], parameters(1))
            }
        }
    }

    @Test func everyCacheTypeAnswers() async throws {
        for type in CacheType.allCases {
            let engine = try engine { $0.cacheType = type }
            let answer = try await generate(engine, question(engine), parameters(40))
            #expect(answer.text.contains("4"), "\(type)")
        }
    }
}
