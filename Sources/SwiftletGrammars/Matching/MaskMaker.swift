/// A grammar's configurations over one vocabulary, with the masks found so far.
///
/// Sendable without checks: it is used only inside the lock of its `CompiledGrammar`.
final class MaskMaker: @unchecked Sendable {
    let space: ConfigurationSpace
    let vocabulary: GrammarVocabulary
    private var masks: [Int32: LocalMask?] = [:]
    private var groups: [UInt64: [Group]] = [:]
    private var masksMemory = 0
    private var hasStopped = false

    /// A part of a configuration that stands on one `base`, cut off from it.
    private struct Group {
        let local: Int32
        /// What goes on when the part is done; `dead` when nothing was cut off.
        let base: Int32
        /// Where a repetition in the part comes near its end: the part far from that, and how many bytes a token may have
        /// to do the same in both.
        let far: (local: Int32, length: Int)?
    }

    /// Past this a new one takes over; past eight times this a mask is made from single bytes alone.
    private static let memoryLimit = 64 << 20
    private static let masksMemoryLimit = 32 << 20
    /// Frames that one mask may look at: about a second.
    private static let workLimit = 20_000_000
    /// Endings of tokens in one mask; with more of them the cut is made deeper.
    private static let endingLimit = 20_000
    private static let deepestCut = 5

    init(_ program: Program, _ vocabulary: GrammarVocabulary) {
        space = ConfigurationSpace(program)
        self.vocabulary = vocabulary
    }

    var isFull: Bool { space.memory + groups.count * 64 > Self.memoryLimit }
    var memory: Int { space.memory + groups.count * 64 + masksMemory }

    /// Sets the bits of tokens whose bytes may come.
    func addTokens(of configuration: Int32, to mask: UnsafeMutableBufferPointer<UInt64>) {
        hasStopped = false
        let start = space.work
        for group in parts(of: configuration, cut: 1) {
            add(group, of: configuration, cut: 1, to: mask, start)
        }
        if hasStopped { addSingleBytes(of: configuration, to: mask) }
        for (original, duplicate) in vocabulary.duplicates
        where mask[Int(original) >> 6] >> UInt64(original & 63) & 1 != 0 {
            mask[Int(duplicate) >> 6] |= 1 << UInt64(duplicate & 63)
        }
    }

    private func add(
        _ group: Group, of configuration: Int32, cut: Int, to mask: UnsafeMutableBufferPointer<UInt64>, _ start: Int
    ) {
        let local: LocalMask?
        if let known = masks[group.local] {
            local = known
        } else {
            local = localMask(of: group, start)
            if hasStopped { return }
        }
        if let local {
            let base = group.base == ConfigurationSpace.dead ? group.base : space.resume(group.base)
            local.add(to: mask, base: base, space, vocabulary)
        } else {
            // Too much depends on what lies below: cut deeper. Parts of other groups come again, which does no harm.
            for deeper in parts(of: configuration, cut: cut + 1) {
                add(deeper, of: configuration, cut: cut + 1, to: mask, start)
                if hasStopped { return }
            }
        }
    }

    private func localMask(of group: Group, _ start: Int) -> LocalMask? {
        var result: LocalMask??
        if let far = group.far {
            let known = masks[far.local] ?? keep(makeMask(far.local, start), for: far.local)
            if hasStopped { return nil }
            result = known.map { makeMask(group.local, start, like: (mask: $0, length: far.length)) }
        }
        return keep(result ?? makeMask(group.local, start), for: group.local)
    }

    private func keep(_ mask: LocalMask?, for local: Int32) -> LocalMask? {
        if hasStopped { return nil }
        if masksMemory > Self.masksMemoryLimit {
            masks.removeAll()
            masksMemory = 0
        }
        masks[local] = .some(mask)
        masksMemory += mask?.memory ?? 100
        return mask
    }

    private func parts(of configuration: Int32, cut: Int) -> [Group] {
        let key = UInt64(UInt32(configuration)) << 8 | UInt64(cut)
        if let known = groups[key] { return known }
        let made =
            cut > Self.deepestCut
            ? [Group(local: configuration, base: ConfigurationSpace.dead, far: nil)]
            : makeParts(of: configuration, cut: cut)
        groups[key] = made
        return made
    }

    /// Cuts each frame of a configuration from what lies below it, after `cut` places to come back to.
    private func makeParts(of configuration: Int32, cut: Int) -> [Group] {
        struct Part {
            let base: Int32
            var tops: [ConfigurationSpace.Frame] = []
            var far: [ConfigurationSpace.Frame] = []
            var lengths: Set<Int> = []
        }
        var parts: [Part] = []
        for frame in Array(space.frames(of: configuration)) where frame.below != ConfigurationSpace.dead {
            let (chain, base, bottom) = self.chain(below: frame.below, cut: cut)
            var known = bottom
            var far = bottom
            var near: [Int] = []
            for link in chain.reversed() {
                let count = usualCount(link)
                known = space.intern([.init(state: link.state, count: count, below: known)])
                let length = lengthWithin(link, count)
                if let length { near.append(length) }
                far = space.intern([
                    .init(state: link.state, count: length == nil ? count : ConfigurationSpace.farCount, below: far)
                ])
            }
            if !parts.contains(where: { $0.base == base }) { parts.append(Part(base: base)) }
            guard let place = parts.firstIndex(where: { $0.base == base }) else { continue }
            parts[place].tops.append(.init(state: frame.state, count: frame.count, below: known))
            parts[place].far.append(.init(state: frame.state, count: frame.count, below: far))
            parts[place].lengths.insert(near.min() ?? .max)
        }
        return parts.map { part in
            let local = space.intern(part.tops)
            let length = part.lengths.min() ?? .max
            return Group(
                local: local, base: part.base, far: length == .max ? nil : (space.intern(part.far), length))
        }
    }

    /// The frames below one, down to where they are cut off; what lies below those, and what stands for it.
    private func chain(
        below: Int32, cut: Int
    ) -> (chain: [ConfigurationSpace.Frame], base: Int32, bottom: Int32) {
        var chain: [ConfigurationSpace.Frame] = []
        var below = below
        var left = cut
        while below > ConfigurationSpace.unknown {
            let list = space.frames(of: below)
            guard list.count == 1 else { return (chain, below, ConfigurationSpace.unknown) }
            if space.program.states[Int(list[0].state)].kind != .turn { left -= 1 }
            if left == 0 { return (chain, below, ConfigurationSpace.unknown) }
            chain.append(list[0])
            below = list[0].below
        }
        return (chain, ConfigurationSpace.dead, below)
    }

    /// A count from which one token does the same as from the count of `frame`: bounds that are out of a token's reach
    /// do not tell counts apart.
    private func usualCount(_ frame: ConfigurationSpace.Frame) -> Int32 {
        let state = space.program.states[Int(frame.state)]
        guard state.kind == .turn else { return frame.count }
        let loop = space.program.loops[Int(state.first)]
        let reach = Int(vocabulary.tree.height)
        if Int(frame.count) + reach < Int(loop.minimum) { return 0 }
        if frame.count >= loop.minimum, loop.maximum != .max, Int(frame.count) + reach < Int(loop.maximum) {
            return ConfigurationSpace.farCount
        }
        return frame.count
    }

    /// Up to how many bytes a token does the same as far from the repetition's end; nil where it is far, or not yet at
    /// its minimum.
    private func lengthWithin(_ frame: ConfigurationSpace.Frame, _ count: Int32) -> Int? {
        let state = space.program.states[Int(frame.state)]
        guard state.kind == .turn, count != ConfigurationSpace.farCount else { return nil }
        let loop = space.program.loops[Int(state.first)]
        guard loop.maximum != .max, count >= loop.minimum else { return nil }
        // Each further turn takes a byte at least.
        return Int(loop.maximum - count)
    }

    /// Walks the tree of tokens; nil if too much depends on what is not known.
    ///
    /// `like`: a mask that holds for tokens of up to so many bytes, so that only longer ones are walked.
    private func makeMask(_ local: Int32, _ start: Int, like: (mask: LocalMask, length: Int)? = nil) -> LocalMask? {
        let wordCount = (vocabulary.count + 63) / 64
        var words = like?.mask.sureWords(wordCount) ?? [UInt64](repeating: 0, count: wordCount)
        var endings: [(ending: ArraySlice<UInt8>, token: Int32)] = []
        let least = like?.length ?? 0
        if like != nil {
            for token in vocabulary.longestFirst {
                if vocabulary.length(of: token) <= least { break }
                words[Int(token) >> 6] &= ~(1 << UInt64(token & 63))
            }
        }
        let height = vocabulary.tree.height
        var isTooMuch = false
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * (height + 1)) { memory in
            // The configuration after each byte of the path, and depths at which the known part was done.
            let path = UnsafeMutableBufferPointer(rebasing: memory[...height])
            let done = UnsafeMutableBufferPointer(rebasing: memory[(height + 1)...])
            var doneCount = 0
            path[0] = local
            vocabulary.tree.nodes.withUnsafeBufferPointer { nodes in
                var place = 0
                while place < nodes.count {
                    let node = nodes[place]
                    let depth = Int(node.depth)
                    if Int(node.deepest) <= least {
                        place += Int(node.size)
                        continue
                    }
                    while doneCount > 0, done[doneCount - 1] >= depth { doneCount -= 1 }
                    let next = space.step(path[depth - 1], node.byte)
                    if next == ConfigurationSpace.dead {
                        if doneCount > 0 {
                            for other in place..<place + Int(node.size)
                            where nodes[other].value >= 0 && Int(nodes[other].depth) > least {
                                let token = nodes[other].value
                                let bytes = vocabulary.bytes(of: token)
                                for index in 0..<doneCount {
                                    endings.append((bytes.dropFirst(Int(done[index])), token))
                                }
                            }
                            if endings.count > Self.endingLimit {
                                isTooMuch = true
                                return
                            }
                        }
                        place += Int(node.size)
                        continue
                    }
                    if node.value >= 0, depth > least { words[Int(node.value) >> 6] |= 1 << UInt64(node.value & 63) }
                    let flags = space.flags(next)
                    if flags.contains(.bottom) {
                        done[doneCount] = Int32(depth)
                        doneCount += 1
                    }
                    path[depth] = next
                    place += 1
                    if place & 1023 == 0, space.work - start > Self.workLimit || space.memory > 8 * Self.memoryLimit {
                        hasStopped = true
                        return
                    }
                }
            }
        }
        return isTooMuch || hasStopped ? nil : LocalMask(words: words, endings: endings, shorter: like)
    }

    /// What a grammar that is too ambiguous for a whole mask still gets: all tokens of one byte.
    private func addSingleBytes(of configuration: Int32, to mask: UnsafeMutableBufferPointer<UInt64>) {
        var place = 0
        let nodes = vocabulary.tree.nodes
        while place < nodes.count {
            let node = nodes[place]
            if node.value >= 0, space.step(configuration, node.byte) != ConfigurationSpace.dead {
                mask[Int(node.value) >> 6] |= 1 << UInt64(node.value & 63)
            }
            place += Int(node.size)
        }
    }
}
