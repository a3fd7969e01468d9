extension ScalarSet {
    /// An automaton of the UTF-8 of the set's characters: never more than well-formed UTF-8.
    ///
    /// States that go on in the same way are one; a set of one block needs at most 9.
    var automaton: ByteAutomaton {
        var builder = ByteSequenceBuilder(states: [.init(), .init(isAccepting: true)])
        builder.states[0].edges = builder.edges(byteSequences.map { (bytes: $0, target: 1) }[...])
        return ByteAutomaton(states: builder.states)
    }

    /// The byte ranges that spell the set's characters, in ascending order. First ranges of two are equal or disjoint.
    var byteSequences: [[ClosedRange<UInt8>]] { ranges.flatMap(Self.byteSequences) }

    /// Sequences of byte ranges that spell a range of scalars (Cox, "Regular Expression Matching in the Wild").
    private static func byteSequences(_ range: ClosedRange<UInt32>) -> [[ClosedRange<UInt8>]] {
        var result: [[ClosedRange<UInt8>]] = []
        var pending = [range]
        while let range = pending.popLast() {
            let (low, high) = (range.lowerBound, range.upperBound)
            if let border = [UInt32(0x7F), 0x7FF, 0xFFFF].first(where: { low <= $0 && $0 < high }) {
                pending.append(border + 1...high)
                pending.append(low...border)
                continue
            }
            // Below the highest differing group of six bits, both ends must span whole groups.
            if high > 0x7F, let split = split(low, high) {
                pending.append(split...high)
                pending.append(low...split - 1)
                continue
            }
            result.append(zip(utf8(low), utf8(high)).map { $0...$1 })
        }
        return result
    }

    private static func split(_ low: UInt32, _ high: UInt32) -> UInt32? {
        for bits in [UInt32(6), 12, 18] {
            let mask: UInt32 = (1 << bits) - 1
            guard low & ~mask != high & ~mask else { continue }
            if low & mask != 0 { return (low | mask) + 1 }
            if high & mask != mask { return high & ~mask }
        }
        return nil
    }

    private static func utf8(_ value: UInt32) -> [UInt8] {
        Unicode.Scalar(value).map { Array(String($0).utf8) } ?? []
    }
}

/// Puts sequences of byte ranges together to edges; equal states are one.
struct ByteSequenceBuilder {
    var states: [ByteAutomaton.State]
    private var known: [ByteAutomaton.State: Int] = [:]

    init(states: [ByteAutomaton.State]) {
        self.states = states
    }

    /// The edges of a state from which each sequence leads to its target.
    ///
    /// What the sequences have in common after `depth` bytes must come in a row; ranges at a place are equal or disjoint.
    mutating func edges(_ sequences: ArraySlice<(bytes: [ClosedRange<UInt8>], target: Int)>, depth: Int = 0)
        -> [ByteEdge]
    {
        var edges: [ByteEdge] = []
        var start = sequences.startIndex
        while start < sequences.endIndex {
            let first = sequences[start]
            var end = start + 1
            while end < sequences.endIndex, sequences[end].bytes[depth] == first.bytes[depth] { end += 1 }
            var target = first.target
            if first.bytes.count > depth + 1 {
                let state = ByteAutomaton.State(edges: self.edges(sequences[start..<end], depth: depth + 1))
                if let place = known[state] {
                    target = place
                } else {
                    target = states.count
                    states.append(state)
                    known[state] = target
                }
            }
            let range = first.bytes[depth]
            edges.append(ByteEdge(low: range.lowerBound, high: range.upperBound, target: target))
            start = end
        }
        return edges
    }
}
