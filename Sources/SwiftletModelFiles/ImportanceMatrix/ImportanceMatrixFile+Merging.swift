public import SwiftletGround

extension ImportanceMatrixFile {
    /// Adds what `other` has summed up, as if both texts had been run one after the other.
    ///
    /// Throws if a weight that both have differs in its columns or experts: then they are of different models. Both become raw
    /// sums first (`asSums`), so matrices of the older form need their `chunkSize` set.
    public mutating func merge(_ other: ImportanceMatrixFile) throws(ModelFileError) {
        self = asSums()
        let other = other.asSums()
        var places: [ByteString: Int] = [:]
        for (index, entry) in entries.enumerated() { places[ByteString(entry.name)] = index }
        for entry in other.entries {
            if let index = places[ByteString(entry.name)] {
                try entries[index].add(entry)
            } else {
                entries.append(entry)
            }
        }
        entries.sort { ByteString($0.name) < ByteString($1.name) }
        datasets += other.datasets
        if chunkSize == 0 { chunkSize = other.chunkSize }
        chunkCount = mostRows / max(chunkSize, 1)
    }

    /// Rows that the weight that saw most has seen.
    package var mostRows: Int {
        let most = entries.reduce(Float(0)) { max($0, $1.counts.max() ?? 0) }
        return Int(exactly: most.rounded()) ?? 0
    }
}

extension ImportanceMatrixFile.Entry {
    fileprivate mutating func add(_ other: Self) throws(ModelFileError) {
        guard sums.count == other.sums.count else { throw mismatch("\(other.sums.count) sums, not \(sums.count)") }
        // Older files know one count for all experts.
        if counts.count == 1, other.counts.count > 1 {
            counts = [Float](repeating: counts[0], count: other.counts.count)
        }
        let added =
            other.counts.count == 1 ? [Float](repeating: other.counts[0], count: counts.count) : other.counts
        guard counts.count == added.count else { throw mismatch("\(added.count) counts, not \(counts.count)") }
        for index in sums.indices { sums[index] += other.sums[index] }
        for index in counts.indices { counts[index] += added[index] }
    }

    private func mismatch(_ what: String) -> ModelFileError {
        ModelFileError(
            .malformed, "the matrix that is added has \(what)", at: "entry \(name)",
            advice: "Merge matrices of one model only")
    }
}
