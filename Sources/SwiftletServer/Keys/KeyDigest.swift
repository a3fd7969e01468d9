import Crypto
import SwiftletGround

/// The SHA-256 of a key: all that is kept of it. Keys are 256 random bits, which nobody can guess, so that a slow hash would
/// add nothing.
package struct KeyDigest: Sendable, Hashable {
    private let words: SIMD4<UInt64>

    /// The digest of a key's text, as it was shown.
    package init(of text: some StringProtocol) {
        var hash = SHA256()
        var copy = String(text)
        copy.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        words = hash.finalize().withUnsafeBytes(Self.words)
    }

    /// Nil unless the text is 64 hexadecimal digits.
    package init?(hexadecimal text: String) {
        guard text.utf8.count == 64, let bytes = [UInt8](hexadecimal: text) else { return nil }
        words = bytes.withUnsafeBytes(Self.words)
    }

    package var hexadecimal: String {
        withUnsafeBytes(of: SIMD4((0..<4).map { words[$0].bigEndian })) { $0.hexadecimal }
    }

    private static func words(_ bytes: UnsafeRawBufferPointer) -> SIMD4<UInt64> {
        SIMD4((0..<4).map { UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)) })
    }

    /// Whether two digests are equal, in a time that does not depend on where they differ.
    func isSame(as other: Self) -> Bool {
        let difference = words ^ other.words
        return difference[0] | difference[1] | difference[2] | difference[3] == 0
    }

    /// A new key's text: `sk-swl-` and 64 hexadecimal digits from the system's source of randomness.
    package static func makeKey() -> String {
        "sk-swl-" + SymmetricKey(size: .bits256).withUnsafeBytes(\.hexadecimal)
    }
}
