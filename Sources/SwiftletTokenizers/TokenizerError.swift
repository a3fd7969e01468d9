public import SwiftletGround

public enum TokenizerDomain: FailureDomain {}

/// What goes wrong with vocabularies and tokenizer descriptions that come from outside.
public typealias TokenizerError = Failure<TokenizerDomain>

extension Failure<TokenizerDomain>.Code {
    /// A key that a tokenizer needs is missing.
    public static var missing: Self { Self("missing") }
    /// A value is there but lies: a wrong type, a length that does not fit, a token that does not exist.
    public static var malformed: Self { Self("malformed") }
    /// A kind of tokenizer, pre-tokenizer, normalizer or decoder that Swiftlet does not know; the error names it.
    public static var unsupported: Self { Self("unsupported") }
    /// A token id outside the vocabulary.
    public static var unknownToken: Self { Self("unknown-token") }
}
