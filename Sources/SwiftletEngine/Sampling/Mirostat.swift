import Foundation

/// Keeps the surprise of the text near a target by moving a limit after each token (Basu et al. 2020,
/// https://arxiv.org/abs/2007.14966).
struct Mirostat: Sendable {
    let version: SamplingParameters.Mirostat
    /// Target surprise, in bits.
    let tau: Float
    /// Learning rate.
    let eta: Float
    /// The greatest surprise that is let through, in bits.
    private(set) var mu: Float

    init(_ parameters: SamplingParameters) {
        version = parameters.mirostat
        tau = parameters.mirostatTau
        eta = parameters.mirostatEta
        mu = 2 * parameters.mirostatTau
    }

    /// Narrows the candidates to those that are likely enough.
    func narrow(_ candidates: inout Candidates, vocabularySize: Int) {
        switch version {
        case .off: return
        case .version1: candidates.keepTop(count(for: &candidates, vocabularySize))
        case .version2:
            let greatest = candidates.greatestLogit()
            let total = candidates.mass(relativeTo: greatest)
            // A surprise of mu bits is a logit of greatest + log Z - mu ln 2.
            let limit = Double(greatest) + log(total) - Double(mu) * 0.693_147_180_559_945_3
            candidates.keep(atLeast: min(greatest, Float(limit)))
        }
    }

    /// Learns from the probability that the chosen token had among those that were let through.
    mutating func learn(probability: Double) {
        mu -= eta * (Float(-log2(probability)) - tau)
        // Only a wild learning rate gets here; the limit must stay a number.
        if !mu.isFinite { mu = 2 * tau }
    }

    /// How many tokens version 1 lets through: the exponent of Zipf's law is estimated from the 100 most likely tokens.
    private func count(for candidates: inout Candidates, _ vocabularySize: Int) -> Int {
        let ranked = candidates.rank(100)
        var products = 0.0
        var squares = 0.0
        for index in 0..<max(ranked - 1, 0) {
            let t = log(Double(index + 2) / Double(index + 1))
            // The logarithm of the ratio of two probabilities.
            let b =
                Double(Candidates.score(candidates.storage.keys[index]))
                - Double(Candidates.score(candidates.storage.keys[index + 1]))
            products += t * b
            squares += t * t
        }
        let exponent = products / squares
        let excess = exponent - 1
        let k = pow(excess * pow(2, Double(mu)) / (1 - pow(Double(vocabularySize), -excess)), 1 / exponent)
        // One candidate, or an exponent of exactly 1, gives no number.
        return k.isNaN ? 1 : Int(max(1, min(k, Double(Int32.max))))
    }
}
