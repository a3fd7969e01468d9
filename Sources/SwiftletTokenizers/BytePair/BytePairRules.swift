/// What byte pair vocabularies differ in, besides tokens and merges.
struct BytePairRules: Sendable {
    /// What happens to a character without a token.
    enum Missing: Sendable {
        /// It is left out, as in the reference engine.
        case leftOut
        /// Its bytes become tokens `<0xNN>`; a byte without one is left out.
        case bytes
        /// It becomes this token; several in a row become one if `fused`.
        case token(TokenID, fused: Bool, bytesFirst: Bool)
    }

    var preTokenizer: PreTokenizer
    /// Words are bytes, and tokens are spelled in `ByteAlphabet`; else they are characters, and spaces are "▁".
    var isByteLevel = true
    /// A word that is a token is not taken apart.
    var ignoresMerges = false
    /// Gemma 4: a word of line feeds that is a token is not taken apart.
    var keepsLineFeeds = false
    /// White space only parts words, and small letters stand for capitals if `lowercases`.
    var dropsWhitespace = false
    var lowercases = false
    var missing = Missing.leftOut
    /// Spaces become "▁" before all else; another goes before the text where `spacePrefix` says.
    var escapesSpaces = false
    var spacePrefix = SpacePrefix.never

    enum SpacePrefix: Sendable {
        case never
        /// Before the first stretch of text, if it does not begin with a space already.
        case first(unlessThere: Bool)
        case eachStretch(unlessThere: Bool)
    }
}
