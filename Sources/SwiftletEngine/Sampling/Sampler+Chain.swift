import Foundation
import SwiftletTokenizers

extension Sampler {
    /// Nil when no token is possible.
    mutating func choose(from candidates: inout Candidates, _ mask: TokenMask?) -> TokenID? {
        guard let greatest = narrow(&candidates, mask) else { return nil }
        if parameters.isGreedy { return candidates.token(0) }
        let total = candidates.exponentiate(relativeTo: greatest)
        let position = candidates.draw(random.uniform(), total: total)
        if parameters.mirostat != .off {
            mirostat.learn(probability: Double(candidates.logits[position]) / total)
        }
        return candidates.token(position)
    }

    /// The same, with the probabilities that the chain left for the token and the likeliest ones.
    mutating func choose(
        from candidates: inout Candidates, _ mask: TokenMask?, reportingTop top: Int
    ) -> TokenChoice? {
        guard let greatest = narrow(&candidates, mask) else { return nil }
        let (best, _) = candidates.mostLikely(top)
        if parameters.isGreedy { return TokenChoice(token: candidates.token(0), logProbability: 0, top: best) }
        let total = candidates.exponentiate(relativeTo: greatest)
        let position = candidates.draw(random.uniform(), total: total)
        let probability = Double(candidates.logits[position]) / total
        if parameters.mirostat != .off { mirostat.learn(probability: probability) }
        return TokenChoice(token: candidates.token(position), logProbability: log(probability), top: best)
    }

    /// Nil when no token is possible.
    mutating func finalProbabilities(of candidates: inout Candidates, _ mask: TokenMask?) -> [TokenProbability]? {
        guard let greatest = narrow(&candidates, mask) else { return nil }
        let logOfMass = Double(greatest) + log(candidates.mass(relativeTo: greatest))
        var probabilities: [TokenProbability] = []
        for position in 0..<candidates.count where candidates.logits[position] > -.infinity {
            probabilities.append(
                TokenProbability(
                    token: candidates.token(position), logProbability: Double(candidates.logits[position]) - logOfMass))
        }
        return probabilities
    }

    /// Runs mask, biases and chain; returns the greatest logit that is left, or nil when no token is possible.
    private mutating func narrow(_ candidates: inout Candidates, _ mask: TokenMask?) -> Float? {
        let vocabularySize = candidates.count
        if let mask { candidates.forbid(allExcept: mask) }
        if !parameters.logitBias.isEmpty { candidates.add(parameters.logitBias) }
        if parameters.mirostat != .off {
            candidates.scale(temperature: parameters.temperature)
            guard candidates.greatestLogit() > -.infinity else { return nil }
            mirostat.narrow(&candidates, vocabularySize: vocabularySize)
        } else if parameters.isGreedy {
            // Whatever the rest of the chain drops, it is not the greatest.
            for stage in parameters.order where stage == .penalties || stage == .dry { apply(stage, to: &candidates) }
            candidates.scale(temperature: 0)
        } else {
            for stage in parameters.order { apply(stage, to: &candidates) }
        }
        let greatest = candidates.greatestLogit()
        return greatest > -.infinity ? greatest : nil
    }

    private mutating func apply(_ stage: SamplingParameters.Stage, to candidates: inout Candidates) {
        let keep = parameters.minimumKeep
        switch stage {
        case .penalties: penalties.apply(to: &candidates)
        case .dry: dry.apply(to: &candidates, after: history)
        case .topNSigma: candidates.keep(withinSigmas: parameters.topNSigma)
        case .topK: candidates.keepTop(parameters.topK)
        case .typicalP: candidates.keep(typicalP: parameters.typicalP, minimumKeep: keep)
        case .topP: candidates.keepTop(p: parameters.topP, minimumKeep: keep)
        case .minP: candidates.keep(minP: parameters.minP, minimumKeep: keep)
        case .xtc:
            guard parameters.xtcProbability > 0, parameters.xtcThreshold <= 0.5, candidates.count > 1 else { return }
            guard random.uniform() <= Double(parameters.xtcProbability) else { return }
            candidates.excludeTopChoices(threshold: parameters.xtcThreshold, minimumKeep: keep)
        case .temperature:
            if parameters.dynamicTemperatureRange > 0 {
                candidates.scale(
                    temperature: parameters.temperature, range: parameters.dynamicTemperatureRange,
                    exponent: parameters.dynamicTemperatureExponent)
            } else {
                candidates.scale(temperature: parameters.temperature)
            }
        }
    }
}
