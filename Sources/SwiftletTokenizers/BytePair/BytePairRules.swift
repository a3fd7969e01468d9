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
    /// Spaces become "▁" before all else.
    var escapesSpaces = false
    /// What `tokenizer.json` does to a text before all else.
    var normalizer: TextNormalizer?
    /// The last prefix that the normalizer adds is for the beginning of the whole text only.
    var prefixesFirstOnly = false
    /// "▁" in tokens stands for a space.
    var marksSpaces = false
}
