extension Candidates {
    /// Excludes the top choices, those at least as likely as the threshold, but for the least likely of them
    /// (https://github.com/oobabooga/text-generation-webui/pull/6335); the caller has drawn whether it happens.
    mutating func excludeTopChoices(threshold: Float, minimumKeep: Int) {
        guard count > 1 else { return }
        let greatest = greatestLogit()
        let total = mass(relativeTo: greatest)
        // The last top choice in descending order, which is the later one of equals.
        var last: Int?
        var topChoices = 0
        var possible = 0
        for position in 0..<count where logits[position] > -.infinity {
            possible += 1
            guard isTopChoice(position, threshold, greatest, total) else { continue }
            topChoices += 1
            if last.map({ logits[position] <= logits[$0] }) ?? true { last = position }
        }
        guard topChoices > 1, let last, possible - (topChoices - 1) >= minimumKeep else { return }
        for position in 0..<count where position != last && isTopChoice(position, threshold, greatest, total) {
            logits[position] = -.infinity
        }
        isSorted = false
    }

    private func isTopChoice(_ position: Int, _ threshold: Float, _ greatest: Float, _ total: Double) -> Bool {
        logits[position] > -.infinity
            && Double(Exponential.scalar(logits[position] - greatest)) / total >= Double(threshold)
    }
}
