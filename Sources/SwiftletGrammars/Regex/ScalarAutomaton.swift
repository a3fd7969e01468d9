import SwiftletGround

/// A deterministic automaton over characters, for what patterns cannot say one by one: several at once, all but some, lengths.
///
/// State 0 is the start. Every state can still reach one that accepts, except the start of an automaton that matches nothing.
struct ScalarAutomaton {
    struct Edge: Hashable {
        let range: ClosedRange<UInt32>
        let target: Int
    }

    struct State {
        /// Disjoint and in ascending order.
        var edges: [Edge] = []
        var isAccepting = false
    }

    private(set) var states: [State]

    /// Drops states that lead nowhere.
    init(states all: [State]) {
        var sources = [[Int]](repeating: [], count: all.count)
        for (place, state) in all.enumerated() {
            for edge in state.edges { sources[edge.target].append(place) }
        }
        var isLive = all.map(\.isAccepting)
        var queue = all.indices.filter { isLive[$0] }
        while let place = queue.popLast() {
            for source in sources[place] where !isLive[source] {
                isLive[source] = true
                queue.append(source)
            }
        }
        if !isLive.isEmpty { isLive[0] = true }
        var numbers = [Int](repeating: -1, count: all.count)
        var count = 0
        for place in all.indices where isLive[place] {
            numbers[place] = count
            count += 1
        }
        states = all.indices.filter { isLive[$0] }.map { place in
            State(
                edges: all[place].edges.filter { isLive[$0.target] }.map {
                    Edge(range: $0.range, target: numbers[$0.target])
                },
                isAccepting: all[place].isAccepting)
        }
    }

    var isEmpty: Bool { states.allSatisfy { !$0.isAccepting } }

    func matches(_ text: String) -> Bool {
        var place = 0
        for scalar in text.unicodeScalars {
            guard let edge = states[place].edges.first(where: { $0.range.contains(scalar.value) }) else { return false }
            place = edge.target
        }
        return states[place].isAccepting
    }

    /// Texts of `minimum` to `maximum` characters.
    static func length(_ minimum: Int, _ maximum: Int?) throws(GrammarError) -> ScalarAutomaton {
        let last = maximum ?? minimum
        guard last < GrammarLimits.automatonStates else { throw tooLarge }
        return ScalarAutomaton(
            states: (0...last).map { place in
                let next = place < last ? place + 1 : maximum == nil ? place : nil
                return State(
                    edges: next.map { next in ScalarSet.all.ranges.map { Edge(range: $0, target: next) } } ?? [],
                    isAccepting: place >= minimum)
            })
    }

    /// Numbers in decimal, with or without a sign, that are multiples of `divisor`.
    static func multiples(of divisor: Int) -> ScalarAutomaton {
        // 0: nothing read, 1: a sign read, 2 + r: the digits so far leave the remainder r.
        func digits(after remainder: Int) -> [Edge] {
            (0..<10).map { digit in
                let code = UInt32(0x30 + digit)
                return Edge(range: code...code, target: 2 + (remainder * 10 + digit) % divisor)
            }
        }
        var states = [
            State(edges: [Edge(range: 0x2D...0x2D, target: 1)] + digits(after: 0)), State(edges: digits(after: 0)),
        ]
        for remainder in 0..<divisor {
            states.append(State(edges: digits(after: remainder), isAccepting: remainder == 0))
        }
        return ScalarAutomaton(states: states)
    }

    func intersection(_ other: ScalarAutomaton) throws(GrammarError) -> ScalarAutomaton {
        struct Pair: Hashable {
            let mine: Int
            let theirs: Int
        }
        var numbers = [Pair(mine: 0, theirs: 0): 0]
        var queue = [Pair(mine: 0, theirs: 0)]
        var made: [State] = []
        while made.count < queue.count {
            let pair = queue[made.count]
            var state = State(
                isAccepting: states[pair.mine].isAccepting && other.states[pair.theirs].isAccepting)
            let (mine, theirs) = (states[pair.mine].edges, other.states[pair.theirs].edges)
            var (i, j) = (0, 0)
            while i < mine.count, j < theirs.count {
                if mine[i].range.overlaps(theirs[j].range) {
                    let next = Pair(mine: mine[i].target, theirs: theirs[j].target)
                    let number = numbers[next] ?? queue.count
                    if number == queue.count {
                        numbers[next] = number
                        queue.append(next)
                    }
                    state.edges.append(Edge(range: mine[i].range.clamped(to: theirs[j].range), target: number))
                }
                if mine[i].range.upperBound < theirs[j].range.upperBound { i += 1 } else { j += 1 }
            }
            made.append(state)
            if queue.count > GrammarLimits.automatonStates { throw Self.tooLarge }
        }
        return ScalarAutomaton(states: made)
    }

    /// All texts that this does not match.
    var inverted: ScalarAutomaton {
        let sink = states.count
        var all = states.map { state -> State in
            let covered = ScalarSet(state.edges.map(\.range))
            let edges = state.edges + covered.inverted.ranges.map { Edge(range: $0, target: sink) }
            return State(
                edges: edges.sorted { $0.range.lowerBound < $1.range.lowerBound }, isAccepting: !state.isAccepting)
        }
        all.append(State(edges: ScalarSet.all.ranges.map { Edge(range: $0, target: sink) }, isAccepting: true))
        return ScalarAutomaton(states: all)
    }

    static var tooLarge: GrammarError {
        GrammarError(
            .limit, "patterns and lengths need more than \(GrammarLimits.automatonStates) states together",
            advice: "Use one of them alone, or shorter lengths.")
    }

    /// The same over bytes.
    func expression(_ spelling: Spelling) -> Expression {
        if isEmpty { return .nothing }
        var builder = ByteSequenceBuilder(states: states.map { .init(isAccepting: $0.isAccepting) })
        for (place, state) in states.enumerated() {
            let sequences = state.edges.flatMap { edge in
                spelling.byteSequences(ScalarSet([edge.range])).map { (bytes: $0, target: edge.target) }
            }
            let sorted = sequences.sorted { one, other in
                one.bytes.lazy.map(\.lowerBound).lexicographicallyPrecedes(other.bytes.lazy.map(\.lowerBound))
            }
            builder.states[place].edges = builder.edges(sorted[...])
        }
        return .automaton(ByteAutomaton(states: builder.states))
    }
}
