import SwiftletGround

/// What a server does: its numbers now, and how those that only grow grew between two readings.
struct TopRates {
    struct Model {
        let now: TopReading.Model
        /// Tokens of prompts a second that were computed, not found.
        let promptRate: Double
        let generationRate: Double
        /// The share of prompt tokens that were found computed; nil without prompts.
        let hits: Double?
        /// Seconds, the average of requests that began; nil without such.
        let firstToken: Double?
        /// Bytes a second.
        let weightsRead: Double
    }

    let now: TopReading
    /// Loaded models, and those that did something.
    let models: [Model]
    let total: Model
    /// Cores in use.
    let processors: Double
    let answerRate: Double
    let failureRate: Double
    /// Seconds between the readings.
    let seconds: Double

    /// A server that began anew meanwhile has done nothing yet.
    init(_ before: TopReading, _ now: TopReading) {
        let seconds = max(before.time.duration(to: now.time) / .seconds(1), 1e-3)
        let isSame = before.start == now.start
        func rate(_ old: Double, _ new: Double) -> Double { isSame ? max(0, new - old) / seconds : 0 }
        func model(_ old: TopReading.Model?, _ new: TopReading.Model) -> Model {
            let old = old ?? TopReading.Model(name: new.name)
            let prompts = rate(old.promptTokens, new.promptTokens)
            let found = rate(old.cachedTokens, new.cachedTokens)
            let firsts = rate(old.firstTokens, new.firstTokens)
            return Model(
                now: new, promptRate: max(0, prompts - found),
                generationRate: rate(old.generatedTokens, new.generatedTokens),
                hits: prompts > 0 ? found / prompts : nil,
                firstToken: firsts > 0 ? rate(old.firstTokenSeconds, new.firstTokenSeconds) / firsts : nil,
                weightsRead: rate(old.steps, new.steps) * new.weightBytes)
        }
        let all = now.models.map { new in model(before.models.first { $0.name == new.name }, new) }
        models = all.filter { $0.now.bytes > 0 || $0.promptRate + $0.generationRate > 0 }
        let sums = model(Self.sum(before.models), Self.sum(now.models))
        total = Model(
            now: sums.now, promptRate: sums.promptRate, generationRate: sums.generationRate, hits: sums.hits,
            firstToken: sums.firstToken, weightsRead: all.reduce(0) { $0 + $1.weightsRead })
        processors = rate(before.processorSeconds, now.processorSeconds)
        answerRate = rate(before.answers, now.answers)
        failureRate = rate(before.failures, now.failures)
        (self.now, self.seconds) = (now, seconds)
    }

    private static func sum(_ models: [TopReading.Model]) -> TopReading.Model {
        var sum = TopReading.Model(name: "")
        for model in models {
            sum.running += model.running
            sum.waiting += model.waiting
            sum.bytes += model.bytes
            sum.promptTokens += model.promptTokens
            sum.cachedTokens += model.cachedTokens
            sum.generatedTokens += model.generatedTokens
            sum.firstTokens += model.firstTokens
            sum.firstTokenSeconds += model.firstTokenSeconds
            sum.cacheUse = max(sum.cacheUse, model.cacheUse)
        }
        return sum
    }
}
