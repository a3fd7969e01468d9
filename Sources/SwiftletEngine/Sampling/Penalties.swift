import SwiftletTokenizers

/// How often each of the last tokens was seen: repetition penalty (Keskar et al. 2019, https://arxiv.org/abs/1909.05858,
/// with negative logits multiplied, so that they too become less likely), and frequency and presence penalties.
struct Penalties: Sendable {
    let repetition: Float
    let frequency: Float
    let presence: Float
    let window: Int
    private var counts: [TokenID: Int32] = [:]

    init(_ parameters: SamplingParameters) {
        repetition = parameters.repeatPenalty
        frequency = parameters.frequencyPenalty
        presence = parameters.presencePenalty
        window = parameters.penaltiesAreActive ? parameters.repeatLastN : 0
    }

    /// Counts a token that comes into the window, and forgets the one that leaves it; call before the history has it.
    mutating func accept(_ token: TokenID, after history: TokenHistory) {
        guard window > 0 else { return }
        counts[token, default: 0] += 1
        guard history.count >= window else { return }
        let leaving = history[window - 1]
        let left = counts[leaving, default: 1] - 1
        counts[leaving] = left > 0 ? left : nil
    }

    mutating func removeAll() {
        counts.removeAll(keepingCapacity: true)
    }

    func apply(to candidates: inout Candidates) {
        guard !counts.isEmpty else { return }
        if candidates.isSparse {
            for position in 0..<candidates.count {
                if let seen = counts[candidates.token(position)] { penalize(position, seen, candidates) }
            }
        } else {
            for (token, seen) in counts where token >= 0 && Int(token) < candidates.count {
                penalize(Int(token), seen, candidates)
            }
        }
        candidates.isSorted = false
    }

    private func penalize(_ position: Int, _ seen: Int32, _ candidates: Candidates) {
        candidates.adjust(position) { logit in
            (logit <= 0 ? logit * repetition : logit / repetition) - (Float(seen) * frequency + presence)
        }
    }
}
