public import SwiftletGround

public enum GrammarDomain: FailureDomain {}

/// What is wrong with a grammar, a regular expression or a JSON schema; the place is "line 3, column 14" of a text or the
/// JSON pointer of a schema ("#/properties/age").
public typealias GrammarError = Failure<GrammarDomain>

extension Failure<GrammarDomain>.Code {
    /// The text is no grammar, or no regular expression.
    public static var syntax: Self { Self("grammar-syntax") }
    /// A rule is used that the grammar does not define, or there is no rule `root`.
    public static var undefinedRule: Self { Self("grammar-undefined-rule") }
    /// A rule begins with itself, so that it could be entered for ever without a character.
    public static var leftRecursion: Self { Self("grammar-left-recursion") }
    /// No finite text matches, or no value is valid.
    public static var matchesNothing: Self { Self("grammar-matches-nothing") }
    /// The schema is not one: a keyword has a value of a wrong type, a reference leads nowhere.
    public static var schema: Self { Self("grammar-schema") }
    /// The text asks for something that is not supported.
    public static var unsupported: Self { Self("grammar-unsupported") }
    /// The grammar is larger or deeper than the limits allow.
    public static var limit: Self { Self("grammar-limit") }
}
