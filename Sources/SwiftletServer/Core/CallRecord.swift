import Foundation
import Hummingbird
import SwiftletEngine
import Synchronization

/// What a call turns out to be, gathered on its way: names and numbers, never what was said.
final class CallRecord: Sendable {
    /// The call that this task works for.
    @TaskLocal static var current: CallRecord?

    /// What is known at the end.
    struct Facts: Sendable {
        /// When the call came.
        let date = Date()
        var model: String?
        /// The SHA-256 of the model's file.
        var digest: String?
        /// Bytes of the request's body.
        var bytes = 0
        /// What the audit log tells of the prompt's text, if it keeps that.
        var promptDigest: String?
        var promptTokens = 0
        var cachedTokens = 0
        var generatedTokens = 0
        /// Tokens that counted against the limits of a key.
        var keyTokens = 0
        /// From the request to its first place in a model step, without the time that loading took.
        var queue: Duration?
        /// From the first place to the first token.
        var prefill: Duration?
        /// From the first token to the last one.
        var decode: Duration?
        /// When the call began to wait for its model, and when it had it.
        var load: (start: Duration, end: Duration)?
        /// From the call to the first token, loading included.
        var timeToFirstToken: Duration?
        var status = 0
        var duration = Duration.zero
    }

    private let start = ContinuousClock.now
    private let state = Mutex(State())
    private let onEnd: @Sendable (Facts) -> Void

    private struct State {
        var facts = Facts()
        /// Tokens of answers that are whole.
        var wholeTokens = 0
        var hasFailed = false
        var hasEnded = false
        var ticket: KeyTicket?
        /// The choice that had the first token; the times are its own.
        var first = 0
    }

    /// `onEnd` is called once, at the end of the answer, also if nobody was there to read it.
    init(onEnd: @escaping @Sendable (Facts) -> Void) { self.onEnd = onEnd }

    deinit { end() }

    /// Under which name the library has the model that answers, its file's SHA-256, and since when the call waited for it.
    func use(model: String, digest: String, since begin: ContinuousClock.Instant) {
        let load = (start: start.duration(to: begin), end: start.duration(to: .now))
        state.withLock { ($0.facts.model, $0.facts.digest, $0.facts.load) = (model, digest, load) }
    }

    /// The request's body is there. `promptDigest` is what `AuditLog.keep` gave.
    func body(bytes: Int, promptDigest: String?) {
        state.withLock { ($0.facts.bytes, $0.facts.promptDigest) = (bytes, promptDigest) }
    }

    /// Whose limits the call counts against.
    func count(for ticket: KeyTicket) { state.withLock { $0.ticket = ticket } }

    /// Hears each event of the call's answers; `choice` tells them apart.
    func take(_ event: ChatEvent, choice: Int = 0) {
        switch event {
        case .token:
            state.withLock { state in
                state.facts.generatedTokens += 1
                if state.facts.timeToFirstToken == nil {
                    (state.facts.timeToFirstToken, state.first) = (start.duration(to: .now), choice)
                }
            }
        case .finished(let result):
            let generation = result.generation
            state.withLock { state in
                state.facts.promptTokens += generation.promptTokens
                state.facts.cachedTokens += generation.cachedTokens
                state.wholeTokens += generation.tokens.count
                guard choice == state.first else { return }
                state.facts.queue = generation.queueDuration
                (state.facts.prefill, state.facts.decode) = (generation.promptDuration, generation.generationDuration)
            }
        default: break
        }
        state.withLock { $0.ticket }?.take(event, choice: choice)
    }

    /// Counts texts that are only read.
    func read(tokens: Int) {
        let ticket = state.withLock { state in
            state.facts.promptTokens += tokens
            return state.ticket
        }
        ticket?.read(tokens: tokens)
    }

    func answered(status: Int) {
        state.withLock { state in
            guard !state.hasFailed else { return }
            state.facts.status = status
        }
    }

    /// The answer has begun and breaks off.
    func failed(status: Int) {
        state.withLock { state in (state.hasFailed, state.facts.status) = (true, status) }
    }

    func end() {
        let facts: Facts? = state.withLock { state in
            guard !state.hasEnded else { return nil }
            state.hasEnded = true
            // A client that went before the answer had a status.
            if state.facts.status == 0 { state.facts.status = RequestFailure.clientClosed.code }
            // Tokens that end answers were no part of them.
            if !state.hasFailed { state.facts.generatedTokens = state.wholeTokens }
            state.facts.keyTokens = state.ticket?.tokens ?? 0
            state.facts.duration = start.duration(to: .now)
            return state.facts
        }
        if let facts { onEnd(facts) }
    }
}
