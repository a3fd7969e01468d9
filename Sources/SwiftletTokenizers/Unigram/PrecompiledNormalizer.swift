import SwiftletGround

/// SentencePiece's compiled normalization rules: a table of character sequences and what they become.
///
/// Format (little endian): the byte length of a double array, the array of 32-bit units, then replacements that end in 0.
/// Source: Kanda, "Space- and Time-Efficient String Dictionaries", 2018; sentencepiece, src/normalizer.cc.
struct PrecompiledNormalizer: Sendable {
    private let units: [UInt32]
    private let replacements: [UInt8]

    init?(_ bytes: [UInt8]) throws(TokenizerError) {
        guard !bytes.isEmpty else { return nil }
        func unit(_ offset: Int) -> UInt32 {
            bytes.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
        }
        guard bytes.count >= 4, Int(unit(0)) < bytes.count - 4, unit(0) % 4 == 0 else {
            throw TokenizerError(
                .malformed, "the compiled normalization rules say that they are longer than their \(bytes.count) bytes")
        }
        let end = 4 + Int(unit(0))
        units = stride(from: 4, to: end, by: 4).map(unit)
        replacements = Array(bytes[end...])
        guard replacements.last == 0 else {
            throw TokenizerError(.malformed, "the last replacement of the compiled normalization rules does not end")
        }
    }

    /// The longest (or shortest) sequence at `start` that has a replacement: its length and where the replacement lies, or nil.
    /// A unit that points outside the table matches nothing.
    func match(
        _ text: UnsafeBufferPointer<UInt8>, _ start: Int, shortest: Bool = false
    ) -> (length: Int, replacement: Range<Int>)? {
        guard !units.isEmpty else { return nil }
        var best: (length: Int, offset: Int)?
        var node = Self.offset(units[0])
        var index = start
        while index < text.count, text[index] != 0 {
            node ^= UInt32(text[index])
            guard node < units.count, units[Int(node)] & (1 << 31 | 0xFF) == UInt32(text[index]) else { break }
            let unit = units[Int(node)]
            index += 1
            node ^= Self.offset(unit)
            if unit >> 8 & 1 == 1, node < units.count {
                best = (index - start, Int(units[Int(node)] & 0x7FFF_FFFF))
                if shortest { break }
            }
        }
        guard let best, best.offset < replacements.count else { return nil }
        var end = best.offset
        while replacements[end] != 0 { end += 1 }
        return (best.length, best.offset..<end)
    }

    subscript(_ range: Range<Int>) -> ArraySlice<UInt8> {
        replacements[range]
    }

    /// The text as `tokenizers` normalizes it: by grapheme clusters of at most five bytes as a whole, by scalars otherwise,
    /// and the shortest sequence at the beginning of either decides for all of it.
    func normalizedByClusters(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        func replace(_ part: Substring.UTF8View) -> Bool {
            let bytes = Array(part)
            guard let match = bytes.withUnsafeBufferPointer({ match($0, 0, shortest: true) }) else { return false }
            output += replacements[match.replacement]
            return true
        }
        let string = String(decoding: text, as: UTF8.self)
        var index = string.startIndex
        while index < string.endIndex {
            let end = string.index(after: index)
            let cluster = string[index..<end]
            index = end
            if cluster.utf8.count < 6, replace(cluster.utf8) { continue }
            for scalar in cluster.unicodeScalars where !replace(Substring(String(scalar)).utf8) {
                output.append(scalar: scalar.value)
            }
        }
        return output
    }

    private static func offset(_ unit: UInt32) -> UInt32 {
        (unit >> 10) << (unit >> 6 & 8)
    }
}
