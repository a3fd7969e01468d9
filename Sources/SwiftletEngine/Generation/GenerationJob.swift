import SwiftletGround
import SwiftletTokenizers
import Synchronization

/// One request on its way: what chooses its tokens, its answer so far, and who listens.
final class GenerationJob: @unchecked Sendable {
    // Sendable: all but `cancelled` is touched only on the engine's thread, and by the one worker that chooses its token.

    let request: GenerationRequest
    /// What the scheduler calls it; 0 before it was submitted.
    var id: SequenceState.ID = 0
    /// What the prompt's full pages are called on disk; empty if they do not go there.
    var prefixKeys: [PrefixKey] = []
    private(set) var answer: Answer?
    /// What was chosen in this step.
    private(set) var outcome: Result<Choice, EngineError>?
    private var chooser: Chooser?
    private let continuation: TokenStream.Continuation
    private let cancelled = Atomic<Bool>(false)
    private let submitted = ContinuousClock.now
    private var started: ContinuousClock.Instant?
    private var firstToken: ContinuousClock.Instant?
    /// How many tokens the engine's observer has heard of, and when; nil before the answer begins.
    private var told: (count: Int, at: ContinuousClock.Instant)?

    init(_ request: GenerationRequest, _ continuation: TokenStream.Continuation) {
        (self.request, self.continuation) = (request, continuation)
    }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() { cancelled.store(true, ordering: .releasing) }

    var hasStarted: Bool { started != nil }

    /// The request has its first place in a step.
    func start(_ chooser: Chooser, _ answer: Answer) {
        started = .now
        var chooser = chooser
        for token in request.prompt { chooser.sampler.accept(token) }
        (self.chooser, self.answer) = (chooser, answer)
    }

    /// Chooses the next token; `logits` are scratch afterwards.
    func choose(_ logits: UnsafeMutableBufferPointer<Float>) {
        do throws(EngineError) {
            outcome = try (chooser?.choose(logits)).map { .success($0) }
        } catch {
            outcome = .failure(error)
        }
    }

    /// Takes what was chosen, and what must follow it, into the answer: `tokens` become those that the model has to take in
    /// next. Returns whether the answer goes on; throws what ends it.
    func advance(_ tokens: inout [TokenID], room: Int) throws -> Bool {
        tokens.removeAll(keepingCapacity: true)
        guard answer?.reason == nil else { return false }
        var choice = try outcome?.get()
        outcome = nil
        var forced: [TokenID] = []
        var next = 0
        while let current = choice, let event = try answer?.accept(current) {
            if firstToken == nil { firstToken = .now }
            continuation.yield(event)
            guard answer?.reason == nil else { return false }
            tokens.append(current.token)
            chooser?.accept(current.token)
            guard chooser?.mustEnd != true else {
                answer?.end()
                return false
            }
            if tokens.count == 1 {
                forced = chooser?.forced(limit: min(Scheduler.mostForced - 1, room - 1)) ?? []
            }
            choice = next < forced.count ? Choice(token: forced[next]) : nil
            next += 1
        }
        return true
    }

    /// Tells how much of the prompt is computed.
    func report(computed: Int) {
        guard firstToken == nil else { return }
        continuation.yield(.prompt(done: min(computed, request.prompt.count), total: request.prompt.count))
    }

    /// Tells what came in this step.
    func tell(_ observer: any EngineObserver, cached: Int) {
        guard let answer, let started, firstToken != nil || answer.reason != nil else { return }
        let now = ContinuousClock.now
        if told == nil {
            observer.began(
                promptTokens: request.prompt.count, cachedTokens: cached, queue: started - submitted,
                prefill: (firstToken ?? now) - started)
        }
        let count = answer.tokens.count - (told?.count ?? 0)
        if count > 0 { observer.generated(count, after: told.map { now - $0.at }) }
        told = (answer.tokens.count, now)
    }

    /// The answer is whole.
    func finish(cached: Int, _ observer: (any EngineObserver)?) {
        if let rest = answer?.rest() { continuation.yield(.text(rest)) }
        let end = ContinuousClock.now
        let (started, firstToken) = (started ?? end, firstToken ?? end)
        let result = GenerationResult(
            reason: answer?.reason ?? .stop, stopText: answer?.stopText, tokens: answer?.tokens ?? [],
            promptTokens: request.prompt.count, cachedTokens: cached, queueDuration: started - submitted,
            promptDuration: firstToken - started, generationDuration: end - firstToken)
        observer?.ended(.finished(result))
        continuation.yield(.finished(result))
        continuation.finish()
    }

    func fail(_ error: any Error) { continuation.finish(throwing: error) }
}
