import SwiftletGround

extension ScalarAutomaton {
    /// The automaton of a pattern without anchors. Throws when it needs too many states.
    init(_ pattern: Pattern) throws(GrammarError) {
        var machine = Machine()
        let start = try machine.state(pattern, then: machine.end)
        var numbers: [[Int]: Int] = [:]
        var queue = [machine.closure([start])]
        numbers[queue[0]] = 0
        var made: [State] = []
        while made.count < queue.count {
            let members = queue[made.count]
            var state = State(isAccepting: members.contains(machine.end))
            for (range, targets) in machine.steps(members) {
                let next = machine.closure(targets)
                let number = numbers[next] ?? queue.count
                if number == queue.count {
                    numbers[next] = number
                    queue.append(next)
                }
                if let last = state.edges.last, last.target == number, last.range.upperBound + 1 == range.lowerBound {
                    state.edges[state.edges.count - 1] = Edge(
                        range: last.range.lowerBound...range.upperBound, target: number)
                } else {
                    state.edges.append(Edge(range: range, target: number))
                }
            }
            made.append(state)
            if queue.count > GrammarLimits.automatonStates { throw Self.tooLarge }
        }
        self.init(states: made)
    }

    /// States with sets and empty steps (Thompson, "Regular expression search algorithm", 1968).
    private struct Machine {
        var sets: [(set: ScalarSet, target: Int)?] = [nil]
        var empties: [[Int]] = [[]]
        let end = 0

        mutating func add(_ set: (set: ScalarSet, target: Int)? = nil, _ empty: [Int] = []) throws(GrammarError) -> Int
        {
            if sets.count > 4 * GrammarLimits.automatonStates { throw ScalarAutomaton.tooLarge }
            sets.append(set)
            empties.append(empty)
            return sets.count - 1
        }

        mutating func state(_ pattern: Pattern, then next: Int) throws(GrammarError) -> Int {
            switch pattern {
            case .set(let set): return try add((set, next))
            case .sequence(let parts):
                var place = next
                for part in parts.reversed() { place = try state(part, then: place) }
                return place
            case .choice(let parts):
                var places: [Int] = []
                for part in parts { places.append(try state(part, then: next)) }
                return try add(nil, places)
            case .repeated(let part, let minimum, let maximum):
                guard max(minimum, maximum ?? 0) <= 4 * GrammarLimits.automatonStates else {
                    throw ScalarAutomaton.tooLarge
                }
                var place = next
                if let maximum {
                    for _ in minimum..<max(minimum, maximum) {
                        let body = try state(part, then: place)
                        place = try add(nil, [body, next])
                    }
                } else {
                    place = try add()
                    let body = try state(part, then: place)
                    empties[place] = [body, next]
                }
                for _ in 0..<minimum { place = try state(part, then: place) }
                return place
            case .start, .end: return next
            }
        }

        func closure(_ places: [Int]) -> [Int] {
            var seen = Set(places)
            var queue = places
            while let place = queue.popLast() {
                for next in empties[place] where seen.insert(next).inserted { queue.append(next) }
            }
            return seen.filter { sets[$0] != nil || $0 == end }.sorted()
        }

        /// Disjoint ranges in ascending order, with where they lead.
        func steps(_ members: [Int]) -> [(range: ClosedRange<UInt32>, targets: [Int])] {
            var events: [(at: UInt32, isStart: Bool, target: Int)] = []
            for member in members {
                guard let (set, target) = sets[member] else { continue }
                for range in set.ranges {
                    events.append((range.lowerBound, true, target))
                    events.append((range.upperBound + 1, false, target))
                }
            }
            events.sort { $0.at < $1.at }
            var result: [(range: ClosedRange<UInt32>, targets: [Int])] = []
            var open: [Int: Int] = [:]
            var place = 0
            while place < events.count {
                let at = events[place].at
                while place < events.count, events[place].at == at {
                    open[events[place].target, default: 0] += events[place].isStart ? 1 : -1
                    if open[events[place].target] == 0 { open[events[place].target] = nil }
                    place += 1
                }
                if !open.isEmpty, place < events.count {
                    result.append((at...events[place].at - 1, open.keys.sorted()))
                }
            }
            return result
        }
    }
}
