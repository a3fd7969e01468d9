package import SwiftletTokenizers

/// The name of one computed page: a digest of the model, the cache's form, and all tokens up to the page's end.
package struct PrefixKey: Sendable, Hashable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    /// The keys of the first `count` pages of a text, each made from the one before.
    package static func chain(
        _ identity: PrefixKey, _ tokens: [TokenID], pageSize: Int, count: Int
    ) -> [PrefixKey] {
        var keys: [PrefixKey] = []
        for page in 0..<count {
            var digest = SHA256()
            digest.update((keys.last ?? identity).bytes)
            for token in tokens[page * pageSize..<(page + 1) * pageSize] { digest.update(token) }
            keys.append(PrefixKey(bytes: digest.finish()))
        }
        return keys
    }

    /// A digest of any bytes.
    package static func digest(of bytes: [UInt8]) -> PrefixKey {
        var digest = SHA256()
        digest.update(bytes)
        return PrefixKey(bytes: digest.finish())
    }

    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Nil if the text is no key.
    package init?(hexadecimal text: Substring) {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = Self.value(digits[index]), let low = Self.value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
