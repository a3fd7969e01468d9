/// Which tokens may come in a configuration of which only the upper part is known.
///
/// Tokens that stay within that part are decided once for all outputs. Those that go on below it are kept by what they
/// do there: few different endings (`",` or `]}`) stand for thousands of tokens.
/// (After "XGrammar", Dong et al. 2024, which splits a vocabulary into tokens that depend on the context and others.)
final class LocalMask {
    /// Tokens that may come whatever lies below: a bit for each, or a list when they are few.
    private let words: [UInt64]
    private let few: [Int32]
    /// What is left of tokens after the known part is done; a value is a place in `lists`.
    let endings: TokenTree
    private let lists: [Range<Int32>]
    private let tokens: [Int32]

    /// Few tokens take less memory and time as a list.
    private static let fewShare = 128

    /// A mask that says the rest about tokens that are not too long: only its endings count, and only theirs.
    private let shorter: (mask: LocalMask, length: Int)?

    /// `shorter`: with `words` and `pairs` complete for tokens above `length` bytes, and the words for all, this mask's
    /// endings hold for the others.
    init(
        words: [UInt64], endings pairs: [(ending: ArraySlice<UInt8>, token: Int32)],
        shorter: (mask: LocalMask, length: Int)? = nil
    ) {
        self.shorter = shorter
        var count = 0
        for word in words { count += word.nonzeroBitCount }
        if count * Self.fewShare < words.count * 64 {
            var few: [Int32] = []
            few.reserveCapacity(count)
            for (place, word) in words.enumerated() where word != 0 {
                for bit in Bits(word: word) { few.append(Int32(place * 64 + bit)) }
            }
            self.few = few
            self.words = []
        } else {
            few = []
            self.words = words
        }
        let sorted = pairs.sorted { one, other in
            one.ending.lexicographicallyPrecedes(other.ending)
                || (one.token < other.token && one.ending.elementsEqual(other.ending))
        }
        var unique: [(bytes: ArraySlice<UInt8>, value: Int32)] = []
        var starts: [Int32] = []
        var tokens: [Int32] = []
        tokens.reserveCapacity(sorted.count)
        for (ending, token) in sorted {
            if let last = unique.last, last.bytes.elementsEqual(ending) {
                if tokens.last == token { continue }
            } else {
                unique.append((ending, Int32(unique.count)))
                starts.append(Int32(tokens.count))
            }
            tokens.append(token)
        }
        endings = TokenTree(sorted: unique)
        lists = zip(starts, starts.dropFirst() + [Int32(tokens.count)]).map { $0..<$1 }
        self.tokens = tokens
    }

    /// About how many bytes this holds.
    var memory: Int {
        words.count * 8 + few.count * 4 + endings.nodes.count * 12 + lists.count * 8 + tokens.count * 4 + 200
    }

    /// The bits of tokens that may come whatever lies below, in as many words as a mask has.
    func sureWords(_ count: Int) -> [UInt64] {
        if !words.isEmpty { return words }
        var result = [UInt64](repeating: 0, count: count)
        for token in few { result[Int(token) >> 6] |= 1 << UInt64(token & 63) }
        return result
    }

    /// Adds what is allowed; `base` is the configuration in which the part below goes on, if anything lies below.
    func add(
        to mask: UnsafeMutableBufferPointer<UInt64>, base: Int32, _ space: ConfigurationSpace,
        _ vocabulary: GrammarVocabulary
    ) {
        words.withUnsafeBufferPointer { words in
            for place in words.indices { mask[place] |= words[place] }
        }
        for token in few { mask[Int(token) >> 6] |= 1 << UInt64(token & 63) }
        guard base != ConfigurationSpace.dead else { return }
        addEndings(to: mask, base: base, space) { _ in true }
        if let shorter {
            shorter.mask.addEndings(to: mask, base: base, space) { vocabulary.length(of: $0) <= shorter.length }
        }
    }

    @inline(__always)
    private func addEndings(
        to mask: UnsafeMutableBufferPointer<UInt64>, base: Int32, _ space: ConfigurationSpace, _ counts: (Int32) -> Bool
    ) {
        if endings.nodes.isEmpty { return }
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: endings.height + 1) { path in
            path[0] = base
            endings.nodes.withUnsafeBufferPointer { nodes in
                var place = 0
                while place < nodes.count {
                    let node = nodes[place]
                    let next = space.step(path[Int(node.depth) - 1], node.byte)
                    if next == ConfigurationSpace.dead {
                        place += Int(node.size)
                        continue
                    }
                    if node.value >= 0 {
                        for entry in lists[Int(node.value)] {
                            let token = tokens[Int(entry)]
                            if counts(token) { mask[Int(token) >> 6] |= 1 << UInt64(token & 63) }
                        }
                    }
                    path[Int(node.depth)] = next
                    place += 1
                }
            }
        }
    }
}

/// The places of the bits that are set.
struct Bits: Sequence, IteratorProtocol {
    var word: UInt64

    mutating func next() -> Int? {
        if word == 0 { return nil }
        let place = word.trailingZeroBitCount
        word &= word - 1
        return place
    }
}
