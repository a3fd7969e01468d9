/// Canonical composition of Unicode 15.1 (NFC). Source: Unicode Standard Annex 15, and chapter 3.12 for Hangul.
enum Composition {
    private static let pairs: [UInt64: UInt32] = {
        var pairs: [UInt64: UInt32] = [:]
        for entry in UnicodeTables.decompositions where entry >> 63 == 0 {
            pairs[entry & 0x3FF_FFFF_FFFF] = UInt32(entry >> 42 & 0x1F_FFFF)
        }
        return pairs
    }()

    /// The text in NFC (or in NFD, if not `composed`). Text below U+0300 is returned as it is in NFC.
    static func normalized(_ text: [UInt8], composed: Bool) -> [UInt8] {
        if composed, !text.contains(where: { $0 >= 0xCC }) { return text }
        if !text.contains(where: { $0 >= 0x80 }) { return text }
        var scalars: [UInt32] = []
        scalars.reserveCapacity(text.count)
        text.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            let scanned = ScannedText(base, end: bytes.count)
            var index = 0
            while index < bytes.count {
                Decomposition.append(scanned.scalar(index), to: &scalars)
                index = scanned.next(index)
            }
        }
        order(&scalars)
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        for scalar in composed ? compose(scalars) : scalars { output.append(scalar: scalar) }
        return output
    }

    /// Sorts each run of combining marks by their classes, equal ones as they stand.
    private static func order(_ scalars: inout [UInt32]) {
        var start = 0
        while start < scalars.count {
            var end = start
            while end < scalars.count, combiningClass(scalars[end]) != 0 { end += 1 }
            if end - start > 1 {
                let sorted = scalars[start..<end].enumerated().sorted {
                    let (one, other) = (combiningClass($0.element), combiningClass($1.element))
                    return one != other ? one < other : $0.offset < $1.offset
                }
                scalars.replaceSubrange(start..<end, with: sorted.map(\.element))
            }
            start = max(end, start + 1)
        }
    }

    private static func compose(_ scalars: [UInt32]) -> [UInt32] {
        var output: [UInt32] = []
        output.reserveCapacity(scalars.count)
        var starter: Int?
        var lastClass: UInt32 = 0
        for scalar in scalars {
            let itsClass = combiningClass(scalar)
            if let place = starter, output.count - 1 == place || lastClass < itsClass,
                let composite = pair(output[place], scalar)
            {
                output[place] = composite
                continue
            }
            if itsClass == 0 { starter = output.count }
            lastClass = itsClass
            output.append(scalar)
        }
        return output
    }

    private static func pair(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if first >= 0x1100, first < 0x1113, second >= 0x1161, second < 0x1176 {
            return 0xAC00 + ((first - 0x1100) * 21 + (second - 0x1161)) * 28
        }
        if first >= 0xAC00, first < 0xD7A4, (first - 0xAC00) % 28 == 0, second > 0x11A7, second < 0x11C3 {
            return first + second - 0x11A7
        }
        return pairs[UInt64(first) << 21 | UInt64(second)]
    }

    static func combiningClass(_ scalar: UInt32) -> UInt32 {
        if scalar < 0x300 { return 0 }
        let table = UnicodeTables.combiningClasses
        let next = table.firstIndexNotBefore { $0 >> 8 <= scalar }
        return next == 0 ? 0 : table[next - 1] & 0xFF
    }
}
