package import SwiftletTokenizers

/// How tokens are written out beside their log probabilities.
package struct TokenSpeller: Sendable {
    private let spell: @Sendable (TokenID) -> [UInt8]
    private let ends: @Sendable (TokenID) -> Bool

    /// `spell` gives a token's bytes, `ends` tells tokens that end an answer.
    package init(spell: @escaping @Sendable (TokenID) -> [UInt8], ends: @escaping @Sendable (TokenID) -> Bool) {
        (self.spell, self.ends) = (spell, ends)
    }

    package init(_ tokenizer: any Tokenizer) {
        self.init(
            spell: { token in (try? Array(tokenizer.bytes(of: token, special: true))) ?? [] },
            ends: { token in tokenizer.vocabulary.isEndOfGeneration(token) })
    }

    func bytes(_ token: TokenID) -> [UInt8] { spell(token) }
    func text(_ token: TokenID) -> String { String(decoding: spell(token), as: UTF8.self) }
    func isEnd(_ token: TokenID) -> Bool { ends(token) }
}
