import SwiftletGround
import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers

extension Engine {
    /// The body of `generate`: the prompt in batches, then one token a step; other sessions get their turn in between.
    func run(
        _ request: GenerationRequest, _ session: Session, _ claim: SessionClaim, _ emit: (GenerationEvent) -> Void
    ) async throws {
        let (prompt, parameters) = (request.prompt, request.parameters)
        try check(prompt, session)
        let tokenizer = try model.tokenizer
        var chooser = Chooser(
            try makeSampler(parameters.sampling, tokenizer), request.constraint, top: parameters.topLogProbabilities,
            vocabularySize: model.configuration.vocabularySize)
        var answer = Answer(tokenizer, parameters, room: session.contextLength - prompt.count + 1)
        try await take(session, claim)
        counters.running += 1
        defer {
            session.claim = nil
            counters.running -= 1
        }

        let clock = ContinuousClock()
        let start = clock.now
        let cached = session.reuse(for: prompt)
        counters.promptTokens += prompt.count
        counters.cachedTokens += cached
        for token in prompt { chooser.sampler.accept(token) }
        var next = try await evaluate(prompt[cached...], session, &chooser) {
            emit(.prompt(done: $0, total: prompt.count))
        }
        let afterPrompt = clock.now
        while true {
            emit(try answer.accept(next))
            counters.generatedTokens += 1
            guard answer.reason == nil else { break }
            chooser.accept(next.token)
            if chooser.mustEnd { break }
            if session.tokens.count == session.contextLength { try await makeRoom(session, parameters.overflow) }
            try step(CollectionOfOne(next.token), session, outputs: CollectionOfOne(0)) { _, logits in
                next = try chooser.choose(logits)
            }
            await Task.yield()
            try Task.checkCancellation()
        }
        if let rest = answer.rest() { emit(.text(rest)) }
        counters.finishedRequests += 1
        emit(
            .finished(
                GenerationResult(
                    reason: answer.reason ?? .stop, stopText: answer.stopText, tokens: answer.tokens,
                    promptTokens: prompt.count, cachedTokens: cached, queueDuration: .zero,
                    promptDuration: afterPrompt - start, generationDuration: clock.now - afterPrompt)))
    }

    /// Waits for a generation that was cancelled to end its step; any other makes the session busy.
    private func take(_ session: Session, _ claim: SessionClaim) async throws {
        while let other = session.claim {
            guard other.isCancelled else {
                throw EngineError(.busy, "the session is already generating", advice: "Use one session for each answer")
            }
            await Task.yield()
            try Task.checkCancellation()
        }
        session.claim = claim
    }

    private func makeSampler(_ parameters: SamplingParameters, _ tokenizer: any Tokenizer) throws(EngineError)
        -> Sampler
    {
        // Before its texts are looked for in the whole vocabulary.
        try parameters.validate()
        guard parameters.dryIsActive else { return try Sampler(parameters) }
        return try Sampler(parameters, dryBreakers: dryBreakers.breakers(parameters.drySequenceBreakers, tokenizer))
    }

    /// Computes `tokens` in batches and samples what follows the last of them.
    private func evaluate(
        _ tokens: ArraySlice<TokenID>, _ session: Session, _ chooser: inout Chooser, _ progress: (Int) -> Void
    ) async throws -> Choice {
        var next = Choice(token: 0)
        for start in stride(from: tokens.startIndex, to: tokens.endIndex, by: options.batchSize) {
            try Task.checkCancellation()
            let part = tokens[start..<min(start + options.batchSize, tokens.endIndex)]
            let wanted = part.endIndex == tokens.endIndex ? part.count - 1..<part.count : 0..<0
            try step(part, session, outputs: wanted) { _, logits in
                next = try chooser.choose(logits)
            }
            progress(session.tokens.count)
            await Task.yield()
        }
        return next
    }

    /// Makes a full context shorter, if the caller asked for that: what stays is computed again, so that every key has the
    /// position that it would have had from the start.
    private func makeRoom(
        _ session: Session, _ overflow: GenerationParameters.ContextOverflow
    ) async throws {
        guard case .shift(let keep) = overflow else {
            throw EngineError(
                .contextFull, "the context of \(session.contextLength) tokens is full",
                advice: "Ask for a longer --context, or let it shift")
        }
        let kept = min(max(0, keep), session.tokens.count - 2)
        let dropped = max(1, (session.tokens.count - kept) / 2)
        let rest = Array(session.tokens[(kept + dropped)...])
        session.tokens.removeSubrange(kept...)
        for start in stride(from: rest.startIndex, to: rest.endIndex, by: options.batchSize) {
            try Task.checkCancellation()
            step(rest[start..<min(start + options.batchSize, rest.endIndex)], session, outputs: 0..<0) { _, _ in }
            await Task.yield()
        }
    }
}

/// The answer so far: turns tokens into text that can be shown, and knows when it ends.
private struct Answer {
    private(set) var tokens: [TokenID] = []
    private(set) var reason: FinishReason?
    private(set) var stopText: String?
    private let parameters: GenerationParameters
    private let endTokens: Set<TokenID>
    private var detokenizer: StreamingDetokenizer
    private var stops: StopStrings

    /// `room`: tokens that the context holds beyond the prompt, which an answer seldom outgrows.
    init(_ tokenizer: any Tokenizer, _ parameters: GenerationParameters, room: Int) {
        self.parameters = parameters
        tokens.reserveCapacity(max(0, min(parameters.maxTokens ?? room, room)))
        endTokens = parameters.ignoresEnd ? [] : tokenizer.vocabulary.endOfGeneration
        detokenizer = tokenizer.makeDetokenizer(visible: parameters.visibleTokens)
        stops = StopStrings(parameters.stop)
        if parameters.maxTokens == 0 { reason = .length }
    }

    mutating func accept(_ choice: Choice) throws(TokenizerError) -> GenerationEvent {
        let token = choice.token
        if endTokens.contains(token) {
            reason = .stop
            return .token(GeneratedToken(id: token, text: "", choice: choice.likelihood))
        }
        tokens.append(token)
        let (text, stop) = stops.append(try detokenizer.append(token))
        if let stop {
            (reason, stopText) = (.stop, stop)
        } else if let most = parameters.maxTokens, tokens.count >= most {
            reason = .length
        }
        return .token(GeneratedToken(id: token, text: text, choice: choice.likelihood))
    }

    /// What was held back and is now known to be text; nil if that is nothing.
    mutating func rest() -> String? {
        guard stopText == nil else { return nil }
        let (text, stop) = stops.append(detokenizer.finish())
        if let stop {
            (reason, stopText) = (.stop, stop)
            return text.isEmpty ? nil : text
        }
        let all = text + stops.finish()
        return all.isEmpty ? nil : all
    }
}
