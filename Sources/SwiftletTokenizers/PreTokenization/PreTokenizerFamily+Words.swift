import SwiftletGround

/// Pre-tokenization on its own, for tests and curious people.
package enum PreTokenization {
    /// The words of `text` by the pre-tokenizer that GGUF files call `name`; none of its bytes is lost.
    package static func words(_ text: String, _ name: String) throws(TokenizerError) -> [String] {
        guard let family = PreTokenizerFamily.named(name) else {
            throw TokenizerError(.unsupported, "the pre-tokenizer \"\(name)\" is unknown")
        }
        return family.preTokenizer.words(text)
    }

    /// All names that GGUF files may use.
    package static var names: [String] { PreTokenizerFamily.allNames }
}

extension PreTokenizer {
    func words(_ text: String) -> [String] {
        var text = text
        return text.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return [] }
            var start = 0
            return ends(ScannedText(base, end: bytes.count), from: 0).map { end in
                defer { start = end }
                return String(decoding: bytes[start..<end], as: UTF8.self)
            }
        }
    }
}
