extension Grammar {
    /// Exactly this text.
    public static func literal(_ text: String) -> Grammar {
        Grammar(rules: [], root: .all([.text(text)]))
    }

    /// The parts one after the other.
    public static func sequence(_ parts: [Grammar]) -> Grammar {
        combine(parts) { .all($0) }
    }

    /// One of the parts; no text at all matches when there are none.
    public static func choice(_ parts: [Grammar]) -> Grammar {
        combine(parts) { .any($0) }
    }

    /// `part` as often as `count` says, which must not be negative.
    public static func repeated(_ part: Grammar, _ count: ClosedRange<Int>) -> Grammar {
        repeated(part, minimum: count.lowerBound, maximum: count.upperBound)
    }

    /// `part` at least as often as `count` says, without end.
    public static func repeated(_ part: Grammar, _ count: PartialRangeFrom<Int>) -> Grammar {
        repeated(part, minimum: count.lowerBound, maximum: nil)
    }

    private static func repeated(_ part: Grammar, minimum: Int, maximum: Int?) -> Grammar {
        precondition(minimum >= 0, "a repetition of \(minimum) times")
        // More than 2^30 times is without end for any text that fits in memory.
        let most = maximum.flatMap { $0 > GrammarLimits.count ? nil : $0 }
        return combine([part]) { .times($0[0], min(minimum, GrammarLimits.count), most) }
    }

    /// Any text. Once a trigger's text has come, `then`, which starts after the trigger, binds; free text again after it.
    ///
    /// The text may end anywhere in free text; with no `then` it must end after a trigger. Of triggers that end at the
    /// same place the longest counts, and it does not matter, since all have the same `then`.
    public static func freeText(until triggers: [String], then: Grammar?) -> Grammar {
        combine(then.map { [$0] } ?? []) { parts in
            .automaton(.triggers(triggers.map { Array($0.utf8) }, then: parts.first, isFree: true))
        }
    }

    /// Any text up to and with the first of the triggers, which must come.
    public static func text(through triggers: [String]) -> Grammar {
        Grammar(rules: [], root: .automaton(.triggers(triggers.map { Array($0.utf8) }, then: nil, isFree: false)))
    }

    /// Any text, and of any bytes.
    public static var anyText: Grammar { freeText(until: [], then: nil) }

    private static func combine(_ parts: [Grammar], _ build: ([Expression]) -> Expression) -> Grammar {
        var rules: [Rule] = []
        let roots = parts.map { part -> Expression in
            let offset = rules.count
            for rule in part.rules {
                var rule = rule
                rule.body = rule.body.renumbered { $0 + offset }
                rules.append(rule)
            }
            return part.root.renumbered { $0 + offset }
        }
        // One reference to each part keeps the nesting of expressions as deep as it was.
        let references = roots.enumerated().map { place, root -> Expression in
            if case .literal = root { return root }
            rules.append(Rule(name: "part \(place + 1)", body: root))
            return .rule(rules.count - 1)
        }
        return Grammar(rules: rules, root: build(references))
    }
}

extension ByteAutomaton {
    /// Text in which triggers are looked for (Aho and Corasick, "Efficient string matching", 1975).
    static func triggers(_ triggers: [[UInt8]], then: Expression?, isFree: Bool) -> ByteAutomaton {
        // Each state is a beginning of triggers; `next` are its edges in the tree, then in the automaton.
        var next: [[UInt8: Int]] = [[:]]
        var isTrigger = [false]
        for trigger in triggers where !trigger.isEmpty {
            var state = 0
            for byte in trigger {
                if let known = next[state][byte] {
                    state = known
                } else {
                    next.append([:])
                    isTrigger.append(false)
                    next[state][byte] = next.count - 1
                    state = next.count - 1
                }
            }
            isTrigger[state] = true
        }
        var fallback = [Int](repeating: 0, count: next.count)
        var queue = Array(next[0].values)
        var place = 0
        while place < queue.count {
            let state = queue[place]
            place += 1
            let back = fallback[state]
            isTrigger[state] = isTrigger[state] || isTrigger[back]
            for (byte, target) in next[state] {
                fallback[target] = next[back][byte] ?? 0
                queue.append(target)
            }
            next[state].merge(next[back]) { own, _ in own }
        }
        let states = next.indices.map { state -> State in
            if isTrigger[state] {
                return State(isAccepting: then == nil, detour: then.map { Detour(expression: $0, target: 0) })
            }
            var edges: [ByteEdge] = []
            for byte in UInt8.min ... .max {
                let target = next[state][byte] ?? 0
                if let last = edges.last, last.target == target {
                    edges[edges.count - 1] = ByteEdge(low: last.low, high: byte, target: target)
                } else {
                    edges.append(ByteEdge(low: byte, high: byte, target: target))
                }
            }
            return State(edges: edges, isAccepting: isFree)
        }
        return ByteAutomaton(states: states)
    }
}
