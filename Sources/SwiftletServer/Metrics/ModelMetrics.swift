import SwiftletEngine
import Synchronization

/// What one model did since the server started, however often it was loaded meanwhile.
final class ModelMetrics: EngineObserver {
    struct Counts: Sendable {
        var promptTokens = 0
        var cachedTokens = 0
        var generatedTokens = 0
        /// By the end's name as vLLM has them.
        var stopped = 0
        var cut = 0
        var cancelled = 0
        var failed = 0
        var preemptions = 0
        var loadedTokens = 0
        var steps = 0
        var loads = 0
    }

    let timeToFirstToken = Histogram(Histogram.firstToken)
    let interTokenLatency = Histogram(Histogram.betweenTokens)
    let requestLatency = Histogram(Histogram.request)
    let queueTime = Histogram(Histogram.request)
    let prefillTime = Histogram(Histogram.request)
    let decodeTime = Histogram(Histogram.request)
    let promptTokens = Histogram(Histogram.tokens)
    let generationTokens = Histogram(Histogram.tokens)
    private let state = Mutex(Counts())

    var counts: Counts { state.withLock { $0 } }

    func began(promptTokens: Int, cachedTokens: Int, queue: Duration, prefill: Duration) {
        state.withLock { counts in
            counts.promptTokens += promptTokens
            counts.cachedTokens += cachedTokens
        }
        timeToFirstToken.observe(queue + prefill)
    }

    func generated(_ count: Int, after gap: Duration?) {
        state.withLock { $0.generatedTokens += count }
        if let gap { interTokenLatency.observe(gap / count, count: count) }
    }

    func ended(_ end: GenerationEnd) {
        switch end {
        case .finished(let result):
            state.withLock { counts in
                switch result.reason {
                case .stop: counts.stopped += 1
                case .length: counts.cut += 1
                }
            }
            requestLatency.observe(result.timeToFirstToken + result.generationDuration)
            queueTime.observe(result.queueDuration)
            prefillTime.observe(result.promptDuration)
            decodeTime.observe(result.generationDuration)
            promptTokens.observe(Double(result.promptTokens))
            generationTokens.observe(Double(result.tokens.count))
        case .cancelled: state.withLock { $0.cancelled += 1 }
        case .failed: state.withLock { $0.failed += 1 }
        }
    }

    func counted(_ status: EngineStatus, since before: EngineStatus) {
        state.withLock { counts in
            counts.preemptions += status.preemptions - before.preemptions
            counts.loadedTokens += status.loadedTokens - before.loadedTokens
            counts.steps += status.steps - before.steps
        }
    }

    func loaded() { state.withLock { $0.loads += 1 } }

    /// Texts that an encoder has made vectors of.
    func embedded(tokens: Int, in duration: Duration) {
        state.withLock { counts in
            counts.promptTokens += tokens
            counts.stopped += 1
        }
        requestLatency.observe(duration)
        promptTokens.observe(Double(tokens))
    }
}
