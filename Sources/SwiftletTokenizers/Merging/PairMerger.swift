/// Which neighbours may become one symbol, and which of them first.
protocol PairRanking {
    /// The rank (lowest first) and the token of two neighbours together, or nil if they stay apart.
    func pair(_ left: MergeSymbol, _ right: MergeSymbol) -> (rank: UInt32, token: TokenID)?
}

/// A stretch of a word on its way to a token.
struct MergeSymbol {
    /// -1: no token has these bytes.
    var token: TokenID
    var start: Int32
    /// 0: merged into its left neighbour.
    var length: Int32
}

/// Merges neighbours, always the pair of lowest rank and of these the leftmost, until none is left: the heart of byte pair
/// encoding and SentencePiece alike.
///
/// Short words: the lowest rank is searched anew each time. Long words: a heap, n log n, so that a word of a megabyte costs
/// no more a byte than twenty pages of prose. Keeps its memory from word to word.
struct PairMerger {
    private struct Candidate {
        /// Rank and then place: the order of merging.
        let key: UInt64
        /// The length of the pair when it was found; another length means that a neighbour has changed since.
        let length: Int32
        let token: TokenID

        var left: Int { Int(key & 0xFFFF_FFFF) }
    }

    private static let longestScanned = 32

    private(set) var symbols: [MergeSymbol] = []
    private var ranks: [UInt32] = []
    private var tokens: [TokenID] = []
    private var next: [Int32] = []
    private var previous: [Int32] = []
    private var heap: [Candidate] = []

    /// Starts a word.
    mutating func clear() {
        symbols.removeAll(keepingCapacity: true)
    }

    mutating func append(_ symbol: MergeSymbol) {
        symbols.append(symbol)
    }

    /// Merges; then `symbols` holds the result, with symbols of length 0 to be skipped.
    mutating func merge(_ ranking: some PairRanking) {
        if symbols.count <= Self.longestScanned { scan(ranking) } else { pop(ranking) }
    }

    // MARK: short words

    private mutating func scan(_ ranking: some PairRanking) {
        var count = symbols.count
        guard count > 1 else { return }
        ranks.removeAll(keepingCapacity: true)
        tokens.removeAll(keepingCapacity: true)
        for index in 0..<count - 1 {
            let pair = ranking.pair(symbols[index], symbols[index + 1])
            ranks.append(pair?.rank ?? .max)
            tokens.append(pair?.token ?? -1)
        }
        while count > 1 {
            var best = UInt32.max
            var place = 0
            for index in 0..<count - 1 where ranks[index] < best {
                best = ranks[index]
                place = index
            }
            if best == .max { break }
            symbols[place].token = tokens[place]
            symbols[place].length += symbols[place + 1].length
            symbols.remove(at: place + 1)
            ranks.remove(at: place)
            tokens.remove(at: place)
            count -= 1
            if place + 1 < count { note(place, ranking) }
            if place > 0 { note(place - 1, ranking) }
        }
    }

    private mutating func note(_ place: Int, _ ranking: some PairRanking) {
        let pair = ranking.pair(symbols[place], symbols[place + 1])
        ranks[place] = pair?.rank ?? .max
        tokens[place] = pair?.token ?? -1
    }

    // MARK: long words

    private mutating func pop(_ ranking: some PairRanking) {
        let count = symbols.count
        next.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        heap.removeAll(keepingCapacity: true)
        for index in 0..<count {
            next.append(Int32(index + 1 < count ? index + 1 : -1))
            previous.append(Int32(index - 1))
        }
        for index in 0..<count - 1 { push(index, index + 1, ranking) }
        while let candidate = popLowest() {
            let left = candidate.left
            let right = Int(next[left])
            guard symbols[left].length > 0, right >= 0,
                symbols[left].length + symbols[right].length == candidate.length
            else { continue }
            symbols[left].length = candidate.length
            symbols[left].token = candidate.token
            symbols[right].length = 0
            next[left] = next[right]
            if next[left] >= 0 {
                previous[Int(next[left])] = Int32(left)
                push(left, Int(next[left]), ranking)
            }
            if previous[left] >= 0 { push(Int(previous[left]), left, ranking) }
        }
    }

    private mutating func push(_ left: Int, _ right: Int, _ ranking: some PairRanking) {
        guard let pair = ranking.pair(symbols[left], symbols[right]) else { return }
        let candidate = Candidate(
            key: UInt64(pair.rank) << 32 | UInt64(left), length: symbols[left].length + symbols[right].length,
            token: pair.token)
        var index = heap.count
        heap.append(candidate)
        while index > 0 {
            let parent = (index - 1) / 2
            if heap[parent].key <= candidate.key { break }
            heap[index] = heap[parent]
            index = parent
        }
        heap[index] = candidate
    }

    private mutating func popLowest() -> Candidate? {
        guard let last = heap.popLast() else { return nil }
        guard let lowest = heap.first else { return last }
        var index = 0
        while true {
            var child = 2 * index + 1
            if child >= heap.count { break }
            if child + 1 < heap.count, heap[child + 1].key < heap[child].key { child += 1 }
            if heap[child].key >= last.key { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = last
        return lowest
    }
}
