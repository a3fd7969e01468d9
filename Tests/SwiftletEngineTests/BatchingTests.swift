import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers
import Testing

/// Many requests at once: an answer is the same, bit for bit, alone and beside others, from a computed prefix and without one.
@Suite(.enabled(if: Shared.isPresent)) struct BatchingTests {
    private struct Answer: Equatable, Sendable {
        var tokens: [TokenID] = []
        /// The bits of each token's log probability.
        var likelihoods: [UInt64] = []
        var cached = 0
    }

    /// A tiny model of a context that takes several pages.
    private func engine(_ name: String = "llama-dense", _ change: (inout EngineOptions) -> Void = { _ in }) throws
        -> Engine
    {
        let source = try TinyModel.extended(name, context: 1024)
        var options = EngineOptions(threads: 2, batchSize: 48)
        change(&options)
        return Engine(source, options: options)
    }

    private func tokens(_ count: Int, _ seed: Int = 0) -> [TokenID] {
        (0..<count).map { TokenID(3 + ($0 * $0 + $0 * (seed + 3) + seed) % 90) }
    }

    private func request(_ prompt: [TokenID], _ count: Int = 12, usesPrefixCache: Bool = true) -> GenerationRequest {
        GenerationRequest(
            prompt: prompt,
            parameters: GenerationParameters(
                sampling: .greedy, maxTokens: count, ignoresEnd: true, topLogProbabilities: 0),
            usesPrefixCache: usesPrefixCache)
    }

    private func answer(_ engine: Engine, _ request: GenerationRequest) async throws -> Answer {
        var answer = Answer()
        for try await event in engine.generate(request) {
            switch event {
            case .token(let token):
                answer.tokens.append(token.id)
                answer.likelihoods.append(token.choice?.logProbability.bitPattern ?? 0)
            case .finished(let result): answer.cached = result.cachedTokens
            default: break
            }
        }
        return answer
    }

    /// The same through one contiguous cache and steps of its own.
    private func alone(_ engine: Engine, _ prompt: [TokenID], _ count: Int = 12) async throws -> Answer {
        var (text, answer) = (prompt, Answer())
        for _ in 0..<count {
            let size = engine.model.configuration.vocabularySize
            let session = try await engine.makeSession(cacheType: engine.options.cacheType)
            var last = Array(try await engine.logits(of: text, in: session).suffix(size))
            var sampler = try Sampler(.greedy)
            let choice = try last.withUnsafeMutableBufferPointer { try sampler.sample($0, reportingTop: 0) }
            answer.tokens.append(choice.token)
            answer.likelihoods.append(choice.logProbability.bitPattern)
            text.append(choice.token)
        }
        return answer
    }

    @Test(arguments: ["llama-dense", "qwen2-dense", "gemma2-dense", "llama-moe"], [CacheType.f16, .q8_0])
    func answersAreAsAlone(_ name: String, _ type: CacheType) async throws {
        let engine = try engine(name) { $0.cacheType = type }
        guard engine.model.configuration.headSize % type.elementType.blockSize == 0 else { return }
        let prompts = [tokens(150), tokens(150) + [9], tokens(300, 1), tokens(7, 2), tokens(1, 3), tokens(260)]
        let together = try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for (index, prompt) in prompts.enumerated() {
                group.addTask { (index, try await answer(engine, request(prompt))) }
            }
            return try await group.reduce(into: [Int: Answer]()) { $0[$1.0] = $1.1 }
        }
        for (index, prompt) in prompts.enumerated() {
            var expected = try await alone(engine, prompt)
            expected.cached = together[index]?.cached ?? -1
            #expect(together[index] == expected, "prompt \(index)")
        }
    }

    @Test func prefixesAreFoundAndChangeNothing() async throws {
        let engine = try engine()
        let prompt = tokens(300)
        let cold = try await answer(engine, request(prompt, usesPrefixCache: false))
        #expect(cold.cached == 0)
        let first = try await answer(engine, request(prompt))
        let again = try await answer(engine, request(prompt))
        #expect(again.cached == 299)
        #expect(again.tokens == cold.tokens && again.likelihoods == cold.likelihoods)
        #expect(first.likelihoods == cold.likelihoods)
        // The next turn of a conversation finds the answer too, but for its last token.
        let turn = prompt + first.tokens + tokens(5, 4)
        let warm = try await answer(engine, request(turn))
        #expect(warm.cached == prompt.count + first.tokens.count - 1)
        var expected = try await alone(engine, turn)
        expected.cached = warm.cached
        #expect(warm == expected)
        // A text that parts from it in the middle of a page.
        let other = Array(prompt[..<200]) + tokens(40, 5)
        let branch = try await answer(engine, request(other))
        #expect(branch.cached >= 200 && branch.cached < 210)
        #expect(branch.likelihoods == (try await alone(engine, other)).likelihoods)
    }

    /// A new engine finds what another one wrote, and answers the same, bit for bit.
    @Test func prefixesOutliveTheEngine() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-prefixes-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let model = try TinyModel.extended("llama-dense", context: 1024, at: folder)
        var options = EngineOptions(threads: 2)
        options.prefixStore = PrefixStoreOptions(folder: folder.appending(path: "store"), minimumTokens: 200)
        let prompt = tokens(400)
        let first = try await answer(Engine(model, options: options), request(prompt))
        // The pages are written while and after the answer comes.
        let store = folder.appending(path: "store").path
        for _ in 0..<500
        where (try FileManager.default.contentsOfDirectory(atPath: store)).filter({ $0.hasSuffix(".page") }).count < 3 {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: store).count == 3)
        let again = Engine(model, options: options)
        let warm = try await answer(again, request(prompt))
        #expect(warm.cached == 3 * 128)
        #expect(await again.status().loadedTokens == 3 * 128)
        #expect(warm.tokens == first.tokens && warm.likelihoods == first.likelihoods)
        // Another type of cache is another matter.
        options.cacheType = .f32
        let other = try await answer(Engine(model, options: options), request(prompt))
        #expect(other.cached == 0)
    }

    /// Three pages for four requests that need two each: some wait, some give way, all end as if alone.
    @Test func fewPagesChangeNothing() async throws {
        let engine = try engine { $0.cacheMemory = 3 * Self.pageBytes }
        #expect(await engine.status().totalPages == 0)
        let prompts = (0..<4).map { tokens(120, $0) }
        let answers = try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for (index, prompt) in prompts.enumerated() {
                group.addTask { (index, try await answer(engine, request(prompt, 40))) }
            }
            return try await group.reduce(into: [Int: Answer]()) { $0[$1.0] = $1.1 }
        }
        let status = await engine.status()
        #expect(status.totalPages == 3 && status.usedPages == 0 && status.finishedRequests == 4)
        for (index, prompt) in prompts.enumerated() {
            let expected = try await answer(engine, request(prompt, 40, usesPrefixCache: false))
            #expect(answers[index]?.likelihoods == expected.likelihoods)
        }
    }

    /// Bytes of a page of llama-dense in F16.
    private static let pageBytes: Int = {
        guard let model = try? LanguageModel(contentsOf: TinyModel.url("llama-dense")),
            let layout = try? PageLayout(model.decoder.keyValueShape, type: .f16)
        else { return 0 }
        return layout.bytes
    }()

    @Test func tooManyAreRefused() async throws {
        let engine = try engine { ($0.maxSequences, $0.maxWaiting) = (1, 0) }
        let first = engine.generate(request(tokens(200), 400))
        var iterator = first.makeAsyncIterator()
        _ = try await iterator.next()
        let error = await #expect(throws: EngineError.self) { try await answer(engine, request(tokens(5), 1)) }
        #expect(error?.code == .overloaded)
        #expect((error?.retryAfter ?? .zero) >= .seconds(1))
    }

    @Test func deadlinesEndRequests() async throws {
        let engine = try engine { $0.maxSequences = 1 }
        var iterator = engine.generate(request(tokens(200), 700)).makeAsyncIterator()
        _ = try await iterator.next()
        var late = request(tokens(5), 1)
        late.deadline = .now + .milliseconds(5)
        let error = await #expect(throws: EngineError.self) { try await answer(engine, late) }
        #expect(error?.code == .deadline)
        late.deadline = .now - .seconds(1)
        let early = await #expect(throws: EngineError.self) { try await answer(engine, late) }
        #expect(early?.code == .deadline)
    }

    /// A constraint that allows one of two tokens at a time, and then forces three.
    private struct Alternating: TokenConstraint {
        var count = 0
        mutating func accept(_ token: TokenID) { count += 1 }
        mutating func allowed(into mask: inout TokenMask) {
            for word in mask.words.indices { mask.words[word] = 0 }
            mask[TokenID(10 + count % 2)] = true
            mask[TokenID(20 + count % 2)] = true
        }
        mutating func forcedTokens(limit: Int) -> [TokenID] {
            count % 4 == 1 ? Array([30, 31, 32].prefix(limit)) : []
        }
        var mustEnd: Bool { count == 12 }
    }

    @Test func constraintsAreObeyedAndForcedTokensComeAtOnce() async throws {
        let engine = try engine()
        var constrained = request(tokens(20), 100)
        constrained.constraint = Alternating()
        constrained.parameters.topLogProbabilities = nil
        var (ids, reason) = ([TokenID](), FinishReason?.none)
        for try await event in engine.generate(constrained) {
            if case .token(let token) = event { ids.append(token.id) }
            if case .finished(let result) = event { reason = result.reason }
        }
        #expect(ids.count == 12 && reason == .stop)
        for (index, id) in ids.enumerated() {
            #expect(index % 4 == 0 ? [10, 20].contains(id) : id == TokenID(29 + index % 4))
        }
        // Three chosen tokens and the prompt: the forced ones took no steps of their own.
        #expect(await engine.status().steps == 3)
    }
}
