/// Canonical decomposition of Unicode 15.1 (NFD), scalar by scalar.
enum Decomposition {
    private static let hangulBase: UInt32 = 0xAC00
    private static let hangulCount: UInt32 = 11172

    /// Appends the full decomposition of `scalar`, or the scalar itself.
    static func append(_ scalar: UInt32, to output: inout [UInt32]) {
        if scalar < 0xC0 {
            output.append(scalar)
        } else if scalar >= hangulBase, scalar < hangulBase + hangulCount {
            let index = scalar - hangulBase
            output.append(0x1100 + index / 588)
            output.append(0x1161 + index % 588 / 28)
            if index % 28 != 0 { output.append(0x11A7 + index % 28) }
        } else if let pair = step(scalar) {
            append(pair.first, to: &output)
            if pair.second != 0 { output.append(pair.second) }
        } else {
            output.append(scalar)
        }
    }

    /// One step of the decomposition of `scalar`, by binary search; a second of 0 is none.
    private static func step(_ scalar: UInt32) -> (first: UInt32, second: UInt32)? {
        let table = UnicodeTables.decompositions
        func code(_ entry: UInt64) -> UInt32 { UInt32(entry >> 42 & 0x1F_FFFF) }
        // Entries that are not composed again have the top bit set, which `code` leaves out: the order is by code point.
        let index = table.firstIndexNotBefore { code($0) < scalar }
        guard index < table.count, code(table[index]) == scalar else { return nil }
        return (UInt32(table[index] >> 21 & 0x1F_FFFF), UInt32(table[index] & 0x1F_FFFF))
    }
}
