/// Simple lower-case mappings of Unicode 15.1, one scalar to one scalar.
enum CaseMapping {
    static func lowercase(_ scalar: UInt32) -> UInt32 {
        if scalar < 0x80 { return scalar >= 0x41 && scalar <= 0x5A ? scalar + 0x20 : scalar }
        let table = UnicodeTables.lowercase
        let index = table.firstIndexNotBefore { UInt32($0 >> 21) < scalar }
        guard index < table.count, UInt32(table[index] >> 21) == scalar else { return scalar }
        return UInt32(table[index] & 0x1F_FFFF)
    }

    static func lowercased(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        guard let base = text.baseAddress else { return [] }
        let scanned = ScannedText(base, end: text.count)
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            output.append(scalar: lowercase(scanned.scalar(index)))
            index = scanned.next(index)
        }
        return output
    }
}

extension [UInt8] {
    /// Appends the UTF-8 of a scalar value.
    @inline(__always)
    mutating func append(scalar: UInt32) {
        if scalar < 0x80 {
            append(UInt8(scalar))
            return
        }
        if scalar < 0x800 {
            append(0xC0 | UInt8(scalar >> 6))
        } else {
            if scalar < 0x10000 {
                append(0xE0 | UInt8(scalar >> 12))
            } else {
                append(0xF0 | UInt8(scalar >> 18 & 0x07))
                append(0x80 | UInt8(scalar >> 12 & 0x3F))
            }
            append(0x80 | UInt8(scalar >> 6 & 0x3F))
        }
        append(0x80 | UInt8(scalar & 0x3F))
    }
}
