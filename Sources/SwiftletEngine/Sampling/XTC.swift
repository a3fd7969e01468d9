import Foundation

extension Candidates {
    /// Excludes the top choices, those at least as likely as the threshold, but for the least likely of them
    /// (https://github.com/oobabooga/text-generation-webui/pull/6335); the caller has drawn whether it happens.
    mutating func excludeTopChoices(threshold: Float, minimumKeep: Int) {
        guard count > 1 else { return }
        let greatest = greatestLogit()
        // A probability of the threshold, as a logit; all that is possible is a top choice at a threshold of 0.
        let share = log(Double(threshold) * mass(relativeTo: greatest))
        let limit = max(greatest + Float(share), -.greatestFiniteMagnitude)
        // The last top choice in descending order, which is the later one of equals.
        var last = -1
        var topChoices = 0
        for position in 0..<count where logits[position] >= limit {
            topChoices += 1
            if last < 0 || logits[position] <= logits[last] { last = position }
        }
        guard topChoices > 1, possibleCount() - (topChoices - 1) >= minimumKeep else { return }
        for position in 0..<count where position != last && logits[position] >= limit {
            logits[position] = -.infinity
        }
        isSorted = false
    }
}
