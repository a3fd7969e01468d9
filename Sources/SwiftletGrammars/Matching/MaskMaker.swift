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
            local = makeMask(group.local, isWhole: group.base == ConfigurationSpace.dead, start)
            if hasStopped { return }
            if masksMemory > Self.masksMemoryLimit {
                masks.removeAll()
                masksMemory = 0
            }
            masks[group.local] = .some(local)
            masksMemory += local?.memory ?? 100
        }
        if let local {
            let base = group.base == ConfigurationSpace.dead ? group.base : space.resume(group.base)
            local.add(to: mask, base: base, space)
        } else {
            // Too much depends on what lies below: cut deeper. Parts of other groups come again, which does no harm.
            for deeper in parts(of: configuration, cut: cut + 1) {
                add(deeper, of: configuration, cut: cut + 1, to: mask, start)
                if hasStopped { return }
            }
        }
    }

    private func parts(of configuration: Int32, cut: Int) -> [Group] {
        let key = UInt64(UInt32(configuration)) << 8 | UInt64(cut)
        if let known = groups[key] { return known }
        let made =
            cut > Self.deepestCut
            ? [Group(local: configuration, base: ConfigurationSpace.dead)] : makeParts(of: configuration, cut: cut)
        groups[key] = made
        return made
    }

    /// Cuts each frame of a configuration from what lies below it, after `cut` places to come back to.
    private func makeParts(of configuration: Int32, cut: Int) -> [Group] {
        var bases: [Int32] = []
        var parts: [[ConfigurationSpace.Frame]] = []
        for frame in Array(space.frames(of: configuration)) where frame.below != ConfigurationSpace.dead {
            var chain: [ConfigurationSpace.Frame] = []
            var below = frame.below
            var left = cut
            var isCut = false
            while below > ConfigurationSpace.unknown {
                let list = space.frames(of: below)
                guard list.count == 1 else {
                    isCut = true
                    break
                }
                if space.program.states[Int(list[0].state)].kind != .turn { left -= 1 }
                if left == 0 {
                    isCut = true
                    break
                }
                chain.append(list[0])
                below = list[0].below
            }
            var known = isCut ? ConfigurationSpace.unknown : below
            for link in chain.reversed() {
                known = space.intern([.init(state: link.state, count: usualCount(link), below: known)])
            }
            let base = isCut ? below : ConfigurationSpace.dead
            let top = ConfigurationSpace.Frame(state: frame.state, count: frame.count, below: known)
            if let place = bases.firstIndex(of: base) {
                parts[place].append(top)
            } else {
                bases.append(base)
                parts.append([top])
            }
        }
        return zip(parts, bases).map { Group(local: space.intern($0), base: $1) }
    }

    /// A count from which one token does the same as from the count of `frame`: bounds that are out of a token's reach
    /// do not tell counts apart.
    private func usualCount(_ frame: ConfigurationSpace.Frame) -> Int32 {
        let state = space.program.states[Int(frame.state)]
        guard state.kind == .turn else { return frame.count }
        let loop = space.program.loops[Int(state.first)]
        let reach = Int(vocabulary.tree.height)
        if Int(frame.count) + reach < Int(loop.minimum) { return 0 }
        if frame.count >= loop.minimum, Int(frame.count) + reach < Int(loop.maximum) { return loop.minimum }
        return frame.count
    }

    /// Walks the whole tree of tokens; nil if too much depends on what is not known, unless all is known.
    private func makeMask(_ local: Int32, isWhole: Bool, _ start: Int) -> LocalMask? {
        var words = [UInt64](repeating: 0, count: (vocabulary.count + 63) / 64)
        var endings: [(ending: ArraySlice<UInt8>, token: Int32)] = []
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
                    while doneCount > 0, done[doneCount - 1] >= depth { doneCount -= 1 }
                    let next = space.step(path[depth - 1], node.byte)
                    if next == ConfigurationSpace.dead {
                        if doneCount > 0 {
                            for other in place..<place + Int(node.size) where nodes[other].value >= 0 {
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
                    if node.value >= 0 { words[Int(node.value) >> 6] |= 1 << UInt64(node.value & 63) }
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
        return isTooMuch || hasStopped ? nil : LocalMask(words: words, endings: endings)
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
