extension Candidates {
    /// Leaves the k most likely candidates, sorted; 0 or less leaves all.
    mutating func keepTop(_ k: Int) {
        guard k > 0, k < count else { return }
        commit(rank(k))
    }
}
