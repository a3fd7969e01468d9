/// A piece of a grammar: what all three languages become.
///
/// Nesting is bounded by whoever makes expressions (`GrammarLimits.nesting`), so that walks over them may recurse.
indirect enum Expression: Sendable, Hashable {
    /// The empty text.
    case empty
    /// No text at all.
    case nothing
    case literal([UInt8])
    /// One character of a set, as UTF-8.
    case scalars(ScalarSet)
    case sequence([Expression])
    case choice([Expression])
    /// `maximum` nil: any number of times.
    case repeated(Expression, minimum: Int, maximum: Int?)
    /// A rule of the grammar, by its number.
    case rule(Int)
    /// One whole token of the vocabulary, whatever its bytes.
    case token(TokenTerminal)
    case automaton(ByteAutomaton)
}

/// `<[7]>`, `<think>` and their negations.
struct TokenTerminal: Sendable, Hashable {
    enum Name: Sendable, Hashable {
        case id(Int32)
        case text([UInt8])
    }

    let name: Name
    let isNegated: Bool
}

/// Bytes from `low` to `high` lead to `target`.
struct ByteEdge: Sendable, Hashable {
    let low: UInt8
    let high: UInt8
    let target: Int
}

/// An automaton over bytes, begun in its first state.
struct ByteAutomaton: Sendable, Hashable {
    struct State: Sendable, Hashable {
        /// Disjoint and in ascending order.
        var edges: [ByteEdge] = []
        var isAccepting = false
        /// An expression that may be matched here; the automaton goes on at `target` after it.
        var detour: Detour?
    }

    struct Detour: Sendable, Hashable {
        let expression: Expression
        let target: Int
    }

    var states: [State]
}

extension Expression {
    static func text(_ text: String) -> Expression { .literal(Array(text.utf8)) }

    /// The expressions one after the other, with what is empty left out and literals joined.
    static func all(_ parts: [Expression]) -> Expression {
        var flat: [Expression] = []
        for part in parts {
            switch part {
            case .empty: break
            case .nothing: return .nothing
            case .sequence(let inner): for expression in inner { append(expression, to: &flat) }
            default: append(part, to: &flat)
            }
        }
        return flat.isEmpty ? .empty : flat.count == 1 ? flat[0] : .sequence(flat)
    }

    private static func append(_ part: Expression, to parts: inout [Expression]) {
        if case .literal(let bytes) = part {
            if bytes.isEmpty { return }
            if case .literal(let before)? = parts.last {
                parts[parts.count - 1] = .literal(before + bytes)
                return
            }
        }
        parts.append(part)
    }

    /// One of the expressions; none of them that match nothing.
    static func any(_ parts: [Expression]) -> Expression {
        var flat: [Expression] = []
        for part in parts {
            switch part {
            case .nothing: break
            case .choice(let inner): flat += inner
            default: flat.append(part)
            }
        }
        return flat.isEmpty ? .nothing : flat.count == 1 ? flat[0] : .choice(flat)
    }

    static func optional(_ part: Expression) -> Expression { any([.empty, part]) }

    /// `part` from `minimum` to `maximum` times.
    static func times(_ part: Expression, _ minimum: Int, _ maximum: Int?) -> Expression {
        if maximum == 0 { return .empty }
        switch part {
        case .empty: return .empty
        case .nothing: return minimum == 0 ? .empty : .nothing
        default: break
        }
        if minimum == 1, maximum == 1 { return part }
        if minimum == 0, maximum == 1 { return .optional(part) }
        return .repeated(part, minimum: minimum, maximum: maximum)
    }

    /// The same expression with other numbers of rules.
    func renumbered(_ number: (Int) -> Int) -> Expression {
        switch self {
        case .empty, .nothing, .literal, .scalars, .token: self
        case .sequence(let parts): .sequence(parts.map { $0.renumbered(number) })
        case .choice(let parts): .choice(parts.map { $0.renumbered(number) })
        case .repeated(let part, let minimum, let maximum):
            .repeated(part.renumbered(number), minimum: minimum, maximum: maximum)
        case .rule(let rule): .rule(number(rule))
        case .automaton(var automaton):
            if automaton.states.contains(where: { $0.detour != nil }) {
                {
                    for place in automaton.states.indices {
                        guard let detour = automaton.states[place].detour else { continue }
                        automaton.states[place].detour = .init(
                            expression: detour.expression.renumbered(number), target: detour.target)
                    }
                    return .automaton(automaton)
                }()
            } else {
                self
            }
        }
    }
}
