import Synchronization

/// Hears what an engine does, for those who measure; called on the engine's thread between steps, so it must return at once.
package protocol EngineObserver: Sendable {
    /// A prompt has been read and the answer begins: after so long a wait for a place, and so long from there.
    func began(promptTokens: Int, cachedTokens: Int, queue: Duration, prefill: Duration)
    /// Tokens that came in a step, and how long after those before; nil for the first.
    func generated(_ count: Int, after gap: Duration?)
    /// Before the listener hears of it.
    func ended(_ end: GenerationEnd)
    /// What the engine has counted since the last call.
    func counted(_ status: EngineStatus, since before: EngineStatus)
}

/// How a request left an engine.
package enum GenerationEnd: Sendable {
    case finished(GenerationResult)
    /// Its listener went.
    case cancelled
    /// It was refused, or ended by an error.
    case failed
}

extension Engine {
    /// What `status()` would have said after the last step: does not wait for the one that is running.
    package nonisolated var latestStatus: EngineStatus { published.withLock { $0 } }

    /// Lets others see what the engine is doing.
    func publish(_ serving: Serving) {
        let status = serving.status
        let before = published.withLock { last in
            defer { last = status }
            return last
        }
        observer?.counted(status, since: before)
    }
}
