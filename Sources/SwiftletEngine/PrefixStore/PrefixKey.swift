import SwiftletGround
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

    package var hexadecimal: String { bytes.hexadecimal }

    /// Nil if the text is no key.
    package init?(hexadecimal text: Substring) {
        guard text.utf8.count == 64, let bytes = [UInt8](hexadecimal: text) else { return nil }
        self.bytes = bytes
    }
}
