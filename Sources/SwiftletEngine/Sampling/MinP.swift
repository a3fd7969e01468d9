import Foundation

extension Candidates {
    /// Leaves the candidates at least p times as likely as the most likely one (Nguyen et al. 2024,
    /// https://arxiv.org/abs/2407.01082), and at least `minimumKeep`.
    mutating func keep(minP p: Float, minimumKeep: Int) {
        guard p > 0, count > 0 else { return }
        let limit = greatestLogit() + Float(log(Double(p)))
        if minimumKeep > 1, possibleCount(atLeast: limit) < minimumKeep {
            return keepTop(minimumKeep)
        }
        keep(atLeast: limit)
    }

    private func possibleCount(atLeast limit: Float) -> Int {
        var found = 0
        for position in 0..<count where logits[position] > -.infinity && logits[position] >= limit { found += 1 }
        return found
    }
}
