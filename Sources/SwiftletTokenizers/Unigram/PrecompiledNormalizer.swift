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
        text.withUnsafeBufferPointer { text in
            var output: [UInt8] = []
            output.reserveCapacity(text.count + text.count / 8)
            var index = 0
            while index < text.count {
                if Self.standsAlone(text, index) {
                    let byte = UnsafeBufferPointer(rebasing: text[index..<index + 1])
                    if !replace(byte, &output) { output.append(text[index]) }
                    index += 1
                    continue
                }
                var end = index + 1
                while end < text.count, !Self.standsAlone(text, end) { end += 1 }
                for cluster in String(decoding: text[index..<end], as: UTF8.self) { append(cluster, &output) }
                index = end
            }
            return output
        }
    }

    /// Whether an ASCII character is a cluster, whatever stands before and after it.
    private static func standsAlone(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        let isASCII = text[index] < 0x80 && (index + 1 == text.count || text[index + 1] < 0x80)
        return isASCII && text[index] != UInt8(ascii: "\r") && text[index] != UInt8(ascii: "\n")
    }

    private func append(_ cluster: Character, _ output: inout [UInt8]) {
        let bytes = Array(cluster.utf8)
        if bytes.count < 6, bytes.withUnsafeBufferPointer({ replace($0, &output) }) { return }
        for scalar in cluster.unicodeScalars {
            let bytes = Array(UTF8.encode(scalar) ?? .init())
            if !bytes.withUnsafeBufferPointer({ replace($0, &output) }) { output += bytes }
        }
    }

    /// Appends what the shortest sequence at the beginning of `part` becomes; false if none has a replacement.
    private func replace(_ part: UnsafeBufferPointer<UInt8>, _ output: inout [UInt8]) -> Bool {
        guard let match = match(part, 0, shortest: true) else { return false }
        output += replacements[match.replacement]
        return true
    }

    private static func offset(_ unit: UInt32) -> UInt32 {
        (unit >> 10) << (unit >> 6 & 8)
    }
}
