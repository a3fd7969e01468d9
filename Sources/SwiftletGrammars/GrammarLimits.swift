/// Bounds that keep every grammar's cost in memory and time finite; beyond them is an error, or no continuation.
enum GrammarLimits {
    /// Nested parentheses, schemas or groups in a text.
    static let nesting = 200
    /// The largest count of a repetition.
    static let count = 1 << 30
    /// States of a grammar, of all its rules together.
    static let states = 1 << 20
    /// Rules being matched inside each other at one place of the output: deeper nesting is not offered.
    static let depth = 1000
    /// Ways of reading the output that are followed at once.
    static let ways = 10_000
    /// States of one automaton that is made of patterns.
    static let automatonStates = 5_000
}
