package import SwiftletTokenizers

/// What is known of tokens while a request is read.
package enum RequestVocabulary: Sendable {
    /// The model's own.
    case known(any Tokenizer)
    /// The model is not loaded yet: numbers and texts are taken on trust, and read again once it is.
    case later
    /// Only numbers are tokens.
    case numbers

    var tokenizer: (any Tokenizer)? {
        guard case .known(let tokenizer) = self else { return nil }
        return tokenizer
    }

    func contains(_ token: TokenID) -> Bool { tokenizer?.vocabulary.contains(token) ?? (token >= 0) }

    /// A text's tokens, none yet if they are not known; nil where texts are no tokens.
    func tokens(of text: String, addSpecial: Bool = false, parseSpecial: Bool = false) -> [TokenID]? {
        switch self {
        case .known(let tokenizer): tokenizer.encode(text, addSpecial: addSpecial, parseSpecial: parseSpecial)
        case .later: []
        case .numbers: nil
        }
    }
}
