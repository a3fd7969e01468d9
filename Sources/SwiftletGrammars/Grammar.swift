/// What a text may be, independent of any vocabulary: from a JSON schema, a regular expression, a GBNF grammar, or put
/// together from others.
public struct Grammar: Sendable {
    struct Rule: Sendable {
        var name: String
        var body: Expression
        /// Kept as one piece wherever it is used, so that what is known about its inside serves all uses.
        var isShared = false
    }

    var rules: [Rule]
    var root: Expression

    /// Rules that nobody has checked yet; throws if one begins with itself, if nothing matches, or if they are too large.
    init(checking rules: [Rule], root: Expression, place: (String) -> String?) throws(GrammarError) {
        var analysis = GrammarAnalysis(rules, root: root)
        try analysis.check(place)
        self.rules = analysis.rules
        self.root = analysis.root
    }

    /// Rules that are known to be sound.
    init(rules: [Rule], root: Expression) {
        self.rules = rules
        self.root = root
    }
}
