import SwiftletGround

/// What can be said about rules before they run: which match the empty text, which match anything at all, which begin with
/// themselves. Cost: linear in the rules for each level that facts have to travel.
struct GrammarAnalysis {
    var rules: [Grammar.Rule]
    var root: Expression
    private var isNullable: [Bool]
    private var isProductive: [Bool]

    init(_ rules: [Grammar.Rule], root: Expression) {
        self.rules = rules
        self.root = root
        isNullable = [Bool](repeating: false, count: rules.count)
        isProductive = isNullable
    }

    /// Prunes what matches nothing, and makes what is repeated match something each time.
    mutating func check(_ place: (String) -> String?) throws(GrammarError) {
        settle()
        guard isProductive(root) else {
            throw GrammarError(
                .matchesNothing, "no finite text matches", at: place("root"),
                advice: "Give each recursive rule or reference an alternative without it.")
        }
        for number in rules.indices { rules[number].body = pruned(rules[number].body) }
        root = pruned(root)
        if let rule = leftRecursive() {
            throw GrammarError(
                .leftRecursion, "the rule \(rule) begins with itself", at: place(rule),
                advice: "Write it with a repetition: instead of list ::= list item | item, list ::= item+.")
        }
        var substantial = Substantial(analysis: self)
        for number in rules.indices { rules[number].body = substantial.repetitions(rules[number].body) }
        root = substantial.repetitions(root)
        rules += substantial.added
        var size = root.size
        for rule in rules { size += rule.body.size }
        if size > GrammarLimits.states {
            throw GrammarError(.limit, "the grammar needs more than \(GrammarLimits.states) states", at: place("root"))
        }
    }

    private mutating func settle() {
        var users = [[Int]](repeating: [], count: rules.count)
        for number in rules.indices {
            rules[number].body.forEachRule { users[$0].append(number) }
        }
        var queue = Array(rules.indices)
        while let number = queue.popLast() {
            let nullable = isNullable[number] || isNullable(rules[number].body)
            let productive = isProductive[number] || isProductive(rules[number].body)
            if nullable != isNullable[number] || productive != isProductive[number] {
                isNullable[number] = nullable
                isProductive[number] = productive
                queue += users[number]
            }
        }
    }

    func isNullable(_ expression: Expression) -> Bool {
        switch expression {
        case .empty: true
        case .nothing, .scalars, .token: false
        case .literal(let bytes): bytes.isEmpty
        case .sequence(let parts): parts.allSatisfy(isNullable)
        case .choice(let parts): parts.contains(where: isNullable)
        case .repeated(let part, let minimum, _): minimum == 0 || isNullable(part)
        case .rule(let rule): isNullable[rule]
        case .automaton(let automaton): automaton.isNullable(isNullable)
        }
    }

    private func isProductive(_ expression: Expression) -> Bool {
        switch expression {
        case .empty, .literal, .token: true
        case .nothing: false
        case .scalars(let set): !set.isEmpty
        case .sequence(let parts): parts.allSatisfy(isProductive)
        case .choice(let parts): parts.contains(where: isProductive)
        case .repeated(let part, let minimum, _): minimum == 0 || isProductive(part)
        case .rule(let rule): isProductive[rule]
        // Automata are made without states that lead nowhere.
        case .automaton(let automaton): !automaton.states.isEmpty
        }
    }

    private func pruned(_ expression: Expression) -> Expression {
        guard isProductive(expression) else { return .nothing }
        return switch expression {
        case .sequence(let parts): .all(parts.map(pruned))
        case .choice(let parts): .any(parts.map(pruned))
        case .repeated(let part, let minimum, let maximum): .times(pruned(part), minimum, maximum)
        default: expression
        }
    }

    /// The name of a rule that can be reached from itself before any byte.
    private func leftRecursive() -> String? {
        let firsts = rules.map { rule -> [Int] in
            var found: [Int] = []
            collectFirsts(rule.body, into: &found)
            return found
        }
        // 1: on the path that is being followed, 2: done.
        var marks = [UInt8](repeating: 0, count: rules.count)
        for start in rules.indices where marks[start] == 0 {
            var path: [(rule: Int, next: Int)] = [(start, 0)]
            marks[start] = 1
            while let (rule, next) = path.last {
                guard next < firsts[rule].count else {
                    marks[rule] = 2
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let callee = firsts[rule][next]
                if marks[callee] == 1 { return rules[callee].name }
                if marks[callee] == 0 {
                    marks[callee] = 1
                    path.append((callee, 0))
                }
            }
        }
        return nil
    }

    /// The rules that an expression may enter before any byte.
    private func collectFirsts(_ expression: Expression, into found: inout [Int]) {
        switch expression {
        case .rule(let rule): found.append(rule)
        case .sequence(let parts):
            for part in parts {
                collectFirsts(part, into: &found)
                if !isNullable(part) { break }
            }
        case .choice(let parts): for part in parts { collectFirsts(part, into: &found) }
        case .repeated(let part, _, _): collectFirsts(part, into: &found)
        case .automaton(let automaton):
            if let detour = automaton.states.first?.detour { collectFirsts(detour.expression, into: &found) }
        case .empty, .nothing, .literal, .scalars, .token: break
        }
    }
}

extension Expression {
    func forEachRule(_ body: (Int) -> Void) {
        switch self {
        case .rule(let rule): body(rule)
        case .sequence(let parts), .choice(let parts): for part in parts { part.forEachRule(body) }
        case .repeated(let part, _, _): part.forEachRule(body)
        case .automaton(let automaton):
            for state in automaton.states { state.detour?.expression.forEachRule(body) }
        case .empty, .nothing, .literal, .scalars, .token: break
        }
    }

    /// About how many states an expression needs.
    var size: Int {
        switch self {
        case .empty, .nothing, .rule, .token: 1
        case .literal(let bytes): bytes.count
        case .scalars(let set): (set.ranges.last?.upperBound ?? 0) < 0x80 ? 1 : 8 + set.ranges.count
        case .sequence(let parts), .choice(let parts): parts.reduce(1) { $0 + $1.size }
        case .repeated(let part, _, _): part.size + 1
        case .automaton(let automaton):
            automaton.states.reduce(0) { $0 + 1 + ($1.detour?.expression.size ?? 0) }
        }
    }
}

extension ByteAutomaton {
    /// Whether the first state accepts; a detour there counts when it may be empty and leads on to a state that accepts.
    func isNullable(_ isNullable: (Expression) -> Bool) -> Bool {
        var seen: Set<Int> = []
        var place = 0
        while seen.insert(place).inserted, states.indices.contains(place) {
            if states[place].isAccepting { return true }
            guard let detour = states[place].detour, isNullable(detour.expression) else { return false }
            place = detour.target
        }
        return false
    }
}
