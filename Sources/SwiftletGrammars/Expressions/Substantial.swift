/// Rewrites repetitions so that what is repeated never matches the empty text: `(a?){2,5}` becomes `a{0,5}`.
///
/// Otherwise a counter could run without a byte being read.
struct Substantial {
    let analysis: GrammarAnalysis
    /// New rules, which match what their originals match without the empty text.
    private(set) var added: [Grammar.Rule] = []
    private var twins: [Int: Int] = [:]

    init(analysis: GrammarAnalysis) {
        self.analysis = analysis
    }

    mutating func repetitions(_ expression: Expression) -> Expression {
        switch expression {
        case .sequence(let parts): return .all(parts.map { repetitions($0) })
        case .choice(let parts): return .any(parts.map { repetitions($0) })
        case .repeated(let part, let minimum, let maximum):
            if analysis.isNullable(part) { return .times(substantial(part), 0, maximum) }
            return .times(repetitions(part), minimum, maximum)
        case .automaton(var automaton):
            for place in automaton.states.indices {
                guard let detour = automaton.states[place].detour else { continue }
                automaton.states[place].detour = .init(
                    expression: repetitions(detour.expression), target: detour.target)
            }
            return .automaton(automaton)
        case .empty, .nothing, .literal, .scalars, .rule, .token: return expression
        }
    }

    /// The expression without the empty text; repetitions in it are rewritten too.
    private mutating func substantial(_ expression: Expression) -> Expression {
        guard analysis.isNullable(expression) else { return repetitions(expression) }
        switch expression {
        case .empty, .nothing, .literal, .scalars, .token: return .nothing
        case .choice(let parts): return .any(parts.map { substantial($0) })
        case .sequence(let parts):
            // The first part that is not empty is part i; all before it are.
            var alternatives: [Expression] = []
            for place in parts.indices {
                alternatives.append(
                    .all([substantial(parts[place])] + parts[(place + 1)...].map { repetitions($0) }))
            }
            return .any(alternatives)
        case .repeated(let part, _, let maximum):
            return .times(substantial(part), 1, maximum)
        case .rule(let rule):
            if let twin = twins[rule] { return .rule(twin) }
            let twin = analysis.rules.count + added.count
            twins[rule] = twin
            let original = analysis.rules[rule]
            added.append(Grammar.Rule(name: original.name, body: .nothing, isShared: original.isShared))
            added[twin - analysis.rules.count].body = substantial(original.body)
            return .rule(twin)
        case .automaton(var automaton):
            // A new first state, which does not accept; whatever led to the old one leads to its copy. Automata have no
            // detour in their first state.
            guard let first = automaton.states.first else { return .nothing }
            let copy = automaton.states.count
            automaton.states.append(first)
            automaton.states[0].isAccepting = false
            for place in automaton.states.indices {
                automaton.states[place].edges = automaton.states[place].edges.map {
                    ByteEdge(low: $0.low, high: $0.high, target: $0.target == 0 ? copy : $0.target)
                }
                if let detour = automaton.states[place].detour, detour.target == 0 {
                    automaton.states[place].detour = .init(expression: detour.expression, target: copy)
                }
            }
            return repetitions(.automaton(automaton))
        }
    }
}
