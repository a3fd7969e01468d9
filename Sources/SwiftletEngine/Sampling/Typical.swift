extension Candidates {
    /// Leaves the candidates whose surprise is nearest to the expected one, until their probabilities together exceed p:
    /// locally typical sampling (Meister et al. 2022, https://arxiv.org/abs/2202.00666).
    ///
    /// With x = logit - greatest and Z = sum of exp(x), the surprise is log Z - x and its expectation log Z - E[x],
    /// so their distance is |E[x] - x|.
    mutating func keep(typicalP p: Float, minimumKeep: Int) {
        guard p < 1, count > 0 else { return }
        let (expected, total, greatest) = expectation()
        grow(\.scores, to: count, with: 0)
        let (logits, count) = (logits, count)
        storage.scores.withUnsafeMutableBufferPointer { scores in
            for position in 0..<count {
                let logit = logits[position]
                scores[position] =
                    logit > -.infinity ? -abs(expected - max(logit - greatest, Self.leastDistance)) : -.infinity
            }
        }
        let target = Double(p) * total
        var wanted = min(256, count)
        while true {
            let ranked = rankByScores(wanted)
            var reached = 0.0
            for index in 0..<ranked {
                reached += Double(Exponential.scalar(logits[Self.position(storage.keys[index])] - greatest))
                if reached > target, index + 1 >= minimumKeep {
                    return commit(index + 1, byLogit: false)
                }
            }
            if ranked < wanted || ranked == count { return commit(ranked, byLogit: false) }
            wanted = min(wanted * 8, count)
        }
    }

    private mutating func rankByScores(_ wanted: Int) -> Int {
        // Taken out for the call, so that it is not read while the storage changes.
        var scores: [Float] = []
        swap(&scores, &storage.scores)
        defer { swap(&scores, &storage.scores) }
        return scores.withUnsafeBufferPointer { rank(wanted, by: $0.baseAddress.unsafelyUnwrapped) }
    }
}
