public import SwiftletGround

/// A regular expression as a tree; nesting is bounded by its parser.
indirect enum Pattern: Sendable, Hashable {
    case set(ScalarSet)
    /// The empty sequence matches the empty text, the empty choice nothing.
    case sequence([Pattern])
    case choice([Pattern])
    case repeated(Pattern, minimum: Int, maximum: Int?)
    /// `^` and `$`.
    case start
    case end

    static let empty = Pattern.sequence([])
    static let anything = Pattern.repeated(.set(.all), minimum: 0, maximum: nil)

    static func text(_ text: String) -> Pattern { .sequence(text.unicodeScalars.map { .set(ScalarSet($0)) }) }

    var hasAnchors: Bool {
        switch self {
        case .set: false
        case .sequence(let parts), .choice(let parts): parts.contains { $0.hasAnchors }
        case .repeated(let part, _, _): part.hasAnchors
        case .start, .end: true
        }
    }

    /// The pattern of whole texts: what matches them from their start to their end, for a pattern that is matched whole or
    /// is to be found `anywhere` in the text. Throws for anchors in the middle.
    func whole(anywhere: Bool) throws(GrammarError) -> Pattern {
        let alternatives = try anchored()
        if alternatives.count == 1, let only = alternatives.first { return only.pattern(anywhere: anywhere) }
        return .choice(alternatives.map { $0.pattern(anywhere: anywhere) })
    }

    private struct Anchored {
        var hasStart = false
        var parts: [Pattern] = []
        var hasEnd = false

        func pattern(anywhere: Bool) -> Pattern {
            guard anywhere else { return .sequence(parts) }
            return .sequence((hasStart ? [] : [.anything]) + parts + (hasEnd ? [] : [.anything]))
        }
    }

    /// Alternatives without anchors inside, with what stood at their ends.
    private func anchored() throws(GrammarError) -> [Anchored] {
        guard hasAnchors else { return [Anchored(parts: [self])] }
        switch self {
        case .start: return [Anchored(hasStart: true)]
        case .end: return [Anchored(hasEnd: true)]
        case .choice(let parts):
            var all: [Anchored] = []
            for part in parts { all += try part.anchored() }
            return all
        case .sequence(let parts):
            var all = [Anchored()]
            for part in parts {
                let next = try part.anchored()
                var joined: [Anchored] = []
                for before in all {
                    for after in next {
                        guard before.parts.isEmpty || !after.hasStart, after.parts.isEmpty || !before.hasEnd else {
                            throw Self.inTheMiddle
                        }
                        joined.append(
                            Anchored(
                                hasStart: before.hasStart || after.hasStart, parts: before.parts + after.parts,
                                hasEnd: before.hasEnd || after.hasEnd))
                    }
                }
                if joined.count > 64 { throw Self.inTheMiddle }
                all = joined
            }
            return all
        case .repeated, .set: throw Self.inTheMiddle
        }
    }

    private static var inTheMiddle: GrammarError {
        GrammarError(
            .unsupported, "^ and $ are supported only at the ends of a regular expression and of its alternatives")
    }

    /// The grammar of the pattern, which has no anchors, with characters spelled as `spelling` says.
    func expression(_ spelling: Spelling) -> Expression {
        switch self {
        case .set(let set): spelling.expression(set)
        case .sequence(let parts): .all(parts.map { $0.expression(spelling) })
        case .choice(let parts): .any(parts.map { $0.expression(spelling) })
        case .repeated(let part, let minimum, let maximum):
            .times(part.expression(spelling), minimum, maximum)
        case .start, .end: .empty
        }
    }
}

extension Grammar {
    /// A regular expression that matches the whole text, in the syntax of ECMAScript (Unicode classes such as `\p{L}` too).
    ///
    /// Throws with the character's place for syntax errors, and for what no grammar without context can do: back references,
    /// looking around, word borders.
    public init(regularExpression: String) throws(GrammarError) {
        let pattern = try PatternParser.parse(regularExpression).whole(anywhere: false)
        try self.init(checking: [], root: pattern.expression(.plain)) { _ in nil }
    }
}
