import Crypto

/// The SHA-256 of a key: all that is kept of it. Keys are 256 random bits, which nobody can guess, so that a slow hash would
/// add nothing.
package struct KeyDigest: Sendable, Hashable {
    private let words: SIMD4<UInt64>

    /// The digest of a key's text, as it was shown.
    package init(of text: some StringProtocol) {
        var hash = SHA256()
        var copy = String(text)
        copy.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        words = hash.finalize().withUnsafeBytes { bytes in
            SIMD4((0..<4).map { UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)) })
        }
    }

    /// Nil unless the text is 64 hexadecimal digits.
    package init?(hexadecimal text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 64, digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            return nil
        }
        var words = SIMD4<UInt64>()
        for (place, digit) in digits.enumerated() {
            words[place / 16] = words[place / 16] << 4 | UInt64(digit < 58 ? digit - 48 : digit - 87)
        }
        self.words = words
    }

    package var hexadecimal: String {
        (0..<4).map { word in
            let digits = String(words[word], radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
        .joined()
    }

    /// Whether two digests are equal, in a time that does not depend on where they differ.
    func isSame(as other: Self) -> Bool {
        let difference = words ^ other.words
        return difference[0] | difference[1] | difference[2] | difference[3] == 0
    }

    /// A new key's text: `sk-swl-` and 64 hexadecimal digits from the system's source of randomness.
    package static func makeKey() -> String {
        let digits = SymmetricKey(size: .bits256).withUnsafeBytes { bytes in
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        }
        return "sk-swl-" + digits.joined()
    }
}
