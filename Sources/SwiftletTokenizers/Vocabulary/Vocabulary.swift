/// A token's number in its vocabulary.
public typealias TokenID = Int32

/// The tokens of a model: their texts, kinds and scores, and the roles of the special ones.
public struct Vocabulary: Sendable {
    let texts: ByteIndex
    public internal(set) var kinds: [TokenKind]
    /// One a token, or none: log probabilities (Unigram) or merge ranks (SentencePiece).
    public let scores: [Float]
    public internal(set) var special: SpecialTokens
    /// Tokens after which a model has nothing to add.
    public internal(set) var endOfGeneration: Set<TokenID> = []
    /// What `encode(addSpecial: true)` puts before and after a text.
    public internal(set) var addsBeginning: Bool
    public internal(set) var addsEnd: Bool
    public internal(set) var addsSeparator: Bool

    init(
        texts: ByteIndex, kinds: [TokenKind], scores: [Float], special: SpecialTokens, addsBeginning: Bool,
        addsEnd: Bool, addsSeparator: Bool
    ) {
        self.texts = texts
        self.kinds = kinds
        self.scores = scores
        self.special = special
        self.addsBeginning = addsBeginning
        self.addsEnd = addsEnd
        self.addsSeparator = addsSeparator
    }

    public var count: Int { kinds.count }

    public func contains(_ token: TokenID) -> Bool {
        token >= 0 && token < count
    }

    /// The token's text as the vocabulary spells it (in byte-level vocabularies with "Ġ" for a space); nil if there is no such token.
    public func text(of token: TokenID) -> String? {
        contains(token) ? String(decoding: texts.strings[Int(token)], as: UTF8.self) : nil
    }

    /// The token whose text has these bytes, compared byte by byte.
    public func token(_ text: String) -> TokenID? {
        var text = text
        let found = text.withUTF8 { texts.find($0) }
        return found < 0 ? nil : found
    }

    public func isEndOfGeneration(_ token: TokenID) -> Bool {
        endOfGeneration.contains(token)
    }
}
