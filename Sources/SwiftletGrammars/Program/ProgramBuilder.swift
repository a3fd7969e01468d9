/// Makes the states of a grammar's rules.
///
/// Small rules are put in where they are used: a rule that ends after each character would hide from the caches what
/// comes next. Rules that are `isShared` or recursive are called.
struct ProgramBuilder {
    private var program = Program()
    private let rules: [Grammar.Rule]
    private var isInlined: [Bool]
    private var weights: [Int]
    /// Entry states of called rules.
    private var entries: [Int: Int32] = [:]
    private var pending: [Int] = []
    private var automata: [ScalarSet: ByteAutomaton] = [:]
    private var depth = 0

    /// A repetition whose states, written out, are no more than this needs no counter.
    private static let writtenOut = 64
    private static let smallRule = 24
    private static let ruleUsedOnce = 2_000

    static func build(_ grammar: Grammar) -> Program {
        var builder = ProgramBuilder(grammar)
        builder.program.start = builder.state(grammar.root, then: Program.end)
        while let rule = builder.pending.popLast(), let entry = builder.entries[rule] {
            let body = builder.state(grammar.rules[rule].body, then: Program.end)
            builder.setSplit(entry, [body])
        }
        builder.program.sortBytesIntoClasses()
        return builder.program
    }

    private init(_ grammar: Grammar) {
        rules = grammar.rules
        var uses = [Int](repeating: 0, count: grammar.rules.count)
        for rule in grammar.rules { rule.body.forEachRule { uses[$0] += 1 } }
        grammar.root.forEachRule { uses[$0] += 1 }
        let graph = CallGraph(grammar.rules)
        weights = [Int](repeating: 1, count: grammar.rules.count)
        isInlined = [Bool](repeating: false, count: grammar.rules.count)
        for rule in graph.calleesFirst where !graph.isRecursive[rule] && !grammar.rules[rule].isShared {
            let weight = weight(grammar.rules[rule].body)
            guard weight <= (uses[rule] == 1 ? Self.ruleUsedOnce : Self.smallRule) else { continue }
            weights[rule] = weight
            isInlined[rule] = true
        }
    }

    /// About how many states an expression becomes, with rules put in and repetitions written out.
    private func weight(_ expression: Expression) -> Int {
        switch expression {
        case .rule(let rule): return weights[rule]
        case .sequence(let parts), .choice(let parts): return parts.reduce(1) { $0 + weight($1) }
        case .repeated(let part, let minimum, let maximum):
            let weight = weight(part)
            return weight * (Self.copies(weight, minimum, maximum) ?? 1) + 2
        default: return expression.size
        }
    }

    /// How often what weighs `weight` is written out; nil if it is counted instead.
    private static func copies(_ weight: Int, _ minimum: Int, _ maximum: Int?) -> Int? {
        let copies = maximum ?? (minimum > 1 ? minimum + 1 : 1)
        return copies == 1 || copies <= writtenOut / max(1, weight) ? copies : nil
    }

    private mutating func add(_ state: Program.State) -> Int32 {
        program.states.append(state)
        return Int32(program.states.count - 1)
    }

    private mutating func setSplit(_ state: Int32, _ targets: [Int32]) {
        program.states[Int(state)] = Program.State(
            kind: .split, first: Int32(program.targets.count), last: Int32(program.targets.count + targets.count))
        program.targets += targets
    }

    private mutating func read(_ edges: [Program.Edge]) -> Int32 {
        let first = Int32(program.edges.count)
        program.edges += edges
        return add(Program.State(kind: .read, first: first, last: Int32(program.edges.count)))
    }

    private mutating func split(_ targets: [Int32]) -> Int32 {
        if targets.count == 1 { return targets[0] }
        let state = add(Program.State(kind: .split))
        setSplit(state, targets)
        return state
    }

    /// The state from which `expression` is read, going on at `next`.
    private mutating func state(_ expression: Expression, then next: Int32) -> Int32 {
        switch expression {
        case .empty: return next
        case .nothing: return read([])
        case .literal(let bytes):
            return bytes.reversed().reduce(next) { next, byte in
                read([Program.Edge(low: byte, high: byte, target: next)])
            }
        case .scalars(let set):
            if set.ranges.last.map({ $0.upperBound < 0x80 }) ?? true {
                return read(
                    set.ranges.map {
                        Program.Edge(low: UInt8($0.lowerBound), high: UInt8($0.upperBound), target: next)
                    })
            }
            if automata[set] == nil { automata[set] = set.automaton }
            return state(.automaton(automata[set] ?? ByteAutomaton(states: [])), then: next)
        case .sequence(let parts):
            return parts.reversed().reduce(next) { next, part in state(part, then: next) }
        case .choice(let parts): return choice(parts, then: next)
        case .repeated(let part, let minimum, let maximum):
            return repetition(part, minimum: minimum, maximum: maximum, then: next)
        case .rule(let rule): return call(rule, then: next)
        case .token(let terminal):
            program.tokens.append(terminal)
            return add(Program.State(kind: .token, first: Int32(program.tokens.count - 1), last: next))
        case .automaton(let automaton): return states(automaton, then: next)
        }
    }

    private mutating func choice(_ parts: [Expression], then next: Int32) -> Int32 {
        // Literals share their beginnings, so that 10,000 of them are one way of reading, not 10,000.
        var literals: [[UInt8]] = []
        var targets: [Int32] = []
        for part in parts {
            if case .literal(let bytes) = part {
                literals.append(bytes)
            } else {
                targets.append(state(part, then: next))
            }
        }
        if literals.count == 1 {
            targets.append(state(.literal(literals[0]), then: next))
        } else if !literals.isEmpty {
            literals.sort { $0.lexicographicallyPrecedes($1) }
            targets.append(contentsOf: tree(literals, next))
        }
        return split(targets)
    }

    /// Sorted literals as a tree; without recursion, since literals may be long.
    private mutating func tree(_ literals: [[UInt8]], _ next: Int32) -> [Int32] {
        var tree = ByteAutomaton(states: [.init()])
        for literal in literals {
            var place = 0
            for byte in literal {
                if let last = tree.states[place].edges.last, last.low == byte {
                    place = last.target
                } else {
                    tree.states.append(.init())
                    tree.states[place].edges.append(
                        ByteEdge(low: byte, high: byte, target: tree.states.count - 1))
                    place = tree.states.count - 1
                }
            }
            tree.states[place].isAccepting = true
        }
        return [states(tree, then: next)]
    }

    private mutating func states(_ automaton: ByteAutomaton, then next: Int32) -> Int32 {
        let places = automaton.states.map { state -> Int32 in
            state.edges.isEmpty && state.detour == nil && state.isAccepting
                ? next : add(Program.State(kind: .split))
        }
        for (place, state) in zip(places, automaton.states) where place != next {
            var targets: [Int32] = []
            let edges = state.edges.map { edge in
                Program.Edge(low: edge.low, high: edge.high, target: places[edge.target])
            }
            if let detour = state.detour {
                targets.append(self.state(detour.expression, then: places[detour.target]))
            }
            if targets.isEmpty, !state.isAccepting {
                // The place itself reads.
                program.states[Int(place)] = Program.State(
                    kind: .read, first: Int32(program.edges.count), last: Int32(program.edges.count + edges.count))
                program.edges += edges
                continue
            }
            if !edges.isEmpty { targets.append(read(edges)) }
            if state.isAccepting { targets.append(next) }
            setSplit(place, targets)
        }
        return places.first ?? read([])
    }

    private mutating func repetition(
        _ part: Expression, minimum: Int, maximum: Int?, then next: Int32
    ) -> Int32 {
        guard Self.copies(weight(part), minimum, maximum) != nil else {
            return loop(part, minimum, maximum, then: next)
        }
        if let maximum {
            var place = next
            for turn in stride(from: maximum, to: 0, by: -1) {
                let body = state(part, then: place)
                place = turn > minimum ? split([body, next]) : body
            }
            return place
        }
        let star = add(Program.State(kind: .split))
        let body = state(part, then: star)
        setSplit(star, [body, next])
        return (0..<minimum).reduce(star) { place, _ in state(part, then: place) }
    }

    private mutating func loop(_ part: Expression, _ minimum: Int, _ maximum: Int?, then next: Int32) -> Int32 {
        // Each turn ends as a rule does, on the counter.
        let body = state(part, then: Program.end)
        program.loops.append(
            Program.Loop(
                body: body, next: next, minimum: Int32(clamping: minimum),
                maximum: maximum.map { Int32(clamping: $0) } ?? .max))
        let number = Int32(program.loops.count - 1)
        let turn = add(Program.State(kind: .turn, first: number))
        let start = add(Program.State(kind: .loop, first: number, last: turn))
        return start
    }

    private mutating func call(_ rule: Int, then next: Int32) -> Int32 {
        if isInlined[rule], depth < 16 {
            depth += 1
            defer { depth -= 1 }
            return state(rules[rule].body, then: next)
        }
        let entry: Int32
        if let known = entries[rule] {
            entry = known
        } else {
            entry = add(Program.State(kind: .split))
            entries[rule] = entry
            pending.append(rule)
        }
        // What has nothing to do after the call needs no place to come back to.
        return next == Program.end ? entry : add(Program.State(kind: .call, first: entry, last: next))
    }
}
