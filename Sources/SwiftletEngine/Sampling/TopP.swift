extension Candidates {
    /// Leaves the most likely candidates whose probabilities together reach p, sorted: nucleus sampling
    /// (Holtzman et al. 2019, https://arxiv.org/abs/1904.09751).
    mutating func keepTop(p: Float, minimumKeep: Int) {
        guard p < 1, count > 0 else { return }
        let greatest = greatestLogit()
        let target = Double(p) * mass(relativeTo: greatest)
        // Few tokens are enough nearly always, so rank few, and more only when they are not.
        var wanted = min(256, count)
        while true {
            let ranked = rank(wanted)
            var reached = 0.0
            for index in 0..<ranked {
                reached += Double(Exponential.scalar(Self.score(storage.keys[index]) - greatest))
                if reached >= target, index + 1 >= minimumKeep {
                    return commit(index + 1)
                }
            }
            if ranked < wanted || ranked == count { return commit(ranked) }
            wanted = min(wanted * 8, count)
        }
    }
}
