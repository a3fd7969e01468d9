import SwiftletModels
import SwiftletTensors

extension Engine {
    /// A compute with the number of threads that does one-token steps fastest. Without a choice nothing is measured.
    static func compute(for model: LanguageModel, _ options: EngineOptions) -> Compute {
        let candidates = options.threadChoices.map { Compute(threads: $0, arithmetic: options.arithmetic) }
        guard candidates.count > 1 else { return candidates[0] }
        var best = (time: Duration?.none, compute: candidates[0])
        for compute in candidates {
            guard let time = stepTime(model, compute) else { return candidates[0] }
            if best.time.map({ time < $0 }) ?? true { best = (time, compute) }
        }
        return best.compute
    }

    /// The shortest of a few steps after one that brings the weights into memory; nil if there is no memory for a cache.
    private static func stepTime(_ model: LanguageModel, _ compute: Compute) -> Duration? {
        guard let cache = try? ContiguousCache(model.decoder.keyValueShape, capacity: 8, type: .f16) else { return nil }
        let (clock, scratch) = (ContinuousClock(), Scratch())
        var shortest: Duration?
        for position in 0..<4 {
            let time = clock.measure {
                scratch.reset()
                let batch = Batch([0], at: position, cache: cache, outputs: [0])
                let pass = ForwardPass(batch, compute: compute, scratch: scratch)
                _ = model.decoder.logits(model.decoder.hidden(pass), pass)
            }
            if position > 0 { shortest = min(shortest ?? time, time) }
        }
        return shortest
    }
}
