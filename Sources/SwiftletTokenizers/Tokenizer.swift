public import SwiftletGround

/// Text to tokens and back, for one vocabulary. Safe to use from several threads at once.
public protocol Tokenizer: Sendable {
    var vocabulary: Vocabulary { get }

    /// The tokens of `text`.
    ///
    /// `addSpecial` puts the vocabulary's own tokens (BOS, EOS, CLS, SEP) around them. `parseSpecial` reads control tokens
    /// that are spelled out in the text, for rendered chat templates; never set it for text of users alone.
    /// Linear in the length of the text, but for words that no rule cuts: n log n.
    func encode(_ text: String, addSpecial: Bool, parseSpecial: Bool) -> [TokenID]

    /// The bytes that `token` stands for when `special` tokens are written out, else none for those; part of a character perhaps.
    func bytes(of token: TokenID, special: Bool) throws(TokenizerError) -> ArraySlice<UInt8>

    /// A number that the tokens of `text` are never fewer than, from its length alone: what is longer than the longest tokens
    /// in a row. 0 if nothing can be said, since texts are normalized or parts of them left out.
    func fewestTokens(of text: String) -> Int

    /// How pieces become text, beyond putting them in a row.
    var textRules: TextRules { get }
}

extension Tokenizer {
    public func fewestTokens(of text: String) -> Int { 0 }

    public func encode(_ text: String) -> [TokenID] {
        encode(text, addSpecial: false, parseSpecial: false)
    }

    /// The text of `tokens`, control tokens written out if `special`. Throws if a token is not in the vocabulary.
    /// Bytes that are no character become U+FFFD.
    public func decode(_ tokens: some Sequence<TokenID>, special: Bool = false) throws(TokenizerError) -> String {
        var detokenizer = makeDetokenizer(special: special)
        var text = ""
        for token in tokens { text += try detokenizer.append(token) }
        return text + detokenizer.finish()
    }

    /// A detokenizer for one stream of tokens; `continuesText` if text stands before it, so that a first space is kept.
    /// Special tokens in `visible` are written out in any case.
    public func makeDetokenizer(
        special: Bool = false, visible: Set<TokenID> = [], continuesText: Bool = false
    ) -> StreamingDetokenizer {
        StreamingDetokenizer(self, special: special, visible: visible, continuesText: continuesText)
    }
}

/// How pieces become text, beyond putting them in a row.
public struct TextRules: Sendable, Equatable {
    /// The first piece loses its leading space, which encoding had added.
    public var dropsLeadingSpace: Bool
    /// English typography is mended: " ," becomes ",", " 's" becomes "'s".
    public var cleansSpaces: Bool
}
