/// All that a program may be doing at one place of the output, as numbered configurations, each made once.
///
/// A configuration is a set of stacks. Those with the same top are merged: a configuration is a sorted list of frames,
/// each with the configuration of all that may lie below it. So ambiguity costs a wider list and never a list of all
/// combinations, equal sets have equal numbers, and a step over a byte, once made, is one look-up in a table.
///
/// Not safe to use from two threads at once: `CompiledGrammar` has the lock.
final class ConfigurationSpace {
    struct Frame: Equatable, BitwiseCopyable {
        let state: Int32
        /// Turns that are done, where the state is a repetition's.
        let count: Int32
        /// The configuration below.
        let below: Int32
    }

    struct Configuration: BitwiseCopyable {
        var first: Int32
        var count: Int32
        /// Where its steps are in the table; -1 before the first.
        var row: Int32
        var depth: Int32
        var flags: Flags
    }

    struct Flags: OptionSet, BitwiseCopyable {
        let rawValue: UInt8
        /// The text may end here.
        static let mayEnd = Flags(rawValue: 1)
        /// Something reads bytes or tokens here.
        static let mayGoOn = Flags(rawValue: 2)
        /// The unknown below is reached.
        static let bottom = Flags(rawValue: 4)
        /// A whole token may be read here.
        static let token = Flags(rawValue: 8)
    }

    /// No way to go on and no end.
    static let dead: Int32 = 0
    /// Nothing on the stack: the text may end.
    static let finished: Int32 = 1
    /// Only what is not known.
    static let unknown: Int32 = 2

    /// The count of a repetition that has its minimum and does not come near its maximum.
    static let farCount: Int32 = -1

    let program: Program
    private(set) var configurations = RawList<Configuration>(capacity: 256)
    private(set) var frames = RawList<Frame>(capacity: 1024)
    /// Steps: a row of one configuration for each class of bytes, -1 where it is not known yet.
    private var steps = RawList<Int32>(capacity: 4096)
    private let classCount: Int
    private let classes: UnsafeMutablePointer<UInt8>
    /// Open addressing over the configurations by their frames; -1 is empty.
    private var slots = [Int32](repeating: -1, count: 1024)
    private var unions: [UInt64: Int32] = [:]
    private var closure = ClosureList()
    private var collected: [Frame] = []
    /// Frames looked at since the space was made: a measure of work that does not depend on the clock.
    private(set) var work = 0

    init(_ program: Program) {
        self.program = program
        classCount = program.representatives.count
        classes = .allocate(capacity: 256)
        classes.initialize(from: program.classes, count: 256)
        _ = intern([])
        _ = intern([Frame(state: Program.accept, count: 0, below: Self.dead)])
        _ = intern([Frame(state: Program.bottom, count: 0, below: Self.dead)])
    }

    deinit {
        configurations.deallocate()
        frames.deallocate()
        steps.deallocate()
        classes.deallocate()
    }

    /// About how many bytes the space holds.
    var memory: Int {
        configurations.count * (MemoryLayout<Configuration>.stride + 8) + frames.count * MemoryLayout<Frame>.stride
            + steps.count * 4 + unions.count * 32
    }

    func start() -> Int32 { close([(program.start, Self.finished)]) }

    func flags(_ configuration: Int32) -> Flags { configurations[Int(configuration)].flags }

    func frames(of configuration: Int32) -> UnsafeBufferPointer<Frame> {
        let entry = configurations[Int(configuration)]
        return UnsafeBufferPointer(start: frames.base + Int(entry.first), count: Int(entry.count))
    }

    /// The configuration after a byte.
    @inline(__always)
    func step(_ configuration: Int32, _ byte: UInt8) -> Int32 {
        let row = configurations[Int(configuration)].row
        if row >= 0 {
            let next = steps[Int(row) + Int(classes[Int(byte)])]
            if next >= 0 { return next }
        }
        return makeStep(configuration, byte)
    }

    @inline(never)
    private func makeStep(_ configuration: Int32, _ byte: UInt8) -> Int32 {
        var row = configurations[Int(configuration)].row
        if row < 0 {
            guard steps.count < Int(Int32.max) - classCount else { return Self.dead }
            row = Int32(steps.count)
            steps.append(repeating: -1, count: classCount)
            configurations.base[Int(configuration)].row = row
        }
        closure.removeAll()
        for frame in frames(of: configuration) {
            work += 1
            guard let target = target(of: frame.state, byte) else { continue }
            closure.insert(target, frame.below)
        }
        let next = close()
        steps[Int(row) + Int(classes[Int(byte)])] = next
        return next
    }

    /// Where a state goes with a byte: binary search, since vocabularies of literals have wide states.
    private func target(of state: Int32, _ byte: UInt8) -> Int32? {
        let state = program.states[Int(state)]
        guard state.kind == .read else { return nil }
        var low = Int(state.first)
        var high = Int(state.last)
        while low < high {
            let middle = (low + high) / 2
            let edge = program.edges[middle]
            if byte < edge.low {
                high = middle
            } else if byte > edge.high {
                low = middle + 1
            } else {
                return edge.target
            }
        }
        return nil
    }

    /// The configuration in which `places` (a state and what lies below it) have been followed to all that reads.
    func close(_ places: [(state: Int32, below: Int32)]) -> Int32 {
        closure.removeAll()
        for place in places { closure.insert(place.state, place.below) }
        return close()
    }

    /// What comes when a configuration that lies below is gone back to.
    func resume(_ below: Int32) -> Int32 { close([(Program.end, below)]) }

    private func close() -> Int32 {
        collected.removeAll(keepingCapacity: true)
        var next = 0
        while next < closure.count, closure.count <= GrammarLimits.ways {
            let (place, below) = closure[next]
            next += 1
            let state = program.states[Int(place)]
            switch state.kind {
            case .read where state.first == state.last: break
            case .read, .token, .accept, .bottom: collected.append(Frame(state: place, count: 0, below: below))
            case .split:
                for target in Int(state.first)..<Int(state.last) { closure.insert(program.targets[target], below) }
            case .call: push(Frame(state: state.last, count: 0, below: below), entering: state.first)
            case .loop:
                let loop = program.loops[Int(state.first)]
                push(Frame(state: state.last, count: 0, below: below), entering: loop.body)
                if loop.minimum == 0 { closure.insert(loop.next, below) }
            case .turn: break
            case .end: pop(below)
            }
        }
        work += next
        return merge()
    }

    private func push(_ frame: Frame, entering state: Int32) {
        guard configurations[Int(frame.below)].depth < GrammarLimits.depth else { return }
        closure.insert(state, intern([frame]))
    }

    /// A rule, or a turn of a repetition, is done.
    private func pop(_ below: Int32) {
        let entry = configurations[Int(below)]
        for place in Int(entry.first)..<Int(entry.first + entry.count) {
            let frame = frames[place]
            let state = program.states[Int(frame.state)]
            guard state.kind == .turn else {
                closure.insert(frame.state, frame.below)
                continue
            }
            let loop = program.loops[Int(state.first)]
            // An endless repetition counts only up to its minimum, and far from both bounds nothing is counted.
            let turns =
                frame.count == Self.farCount
                ? frame.count : loop.maximum == .max ? min(frame.count + 1, loop.minimum) : frame.count + 1
            if turns < loop.maximum {
                push(Frame(state: frame.state, count: turns, below: frame.below), entering: loop.body)
            }
            if turns >= loop.minimum || turns == Self.farCount { closure.insert(loop.next, frame.below) }
        }
    }

    /// Sorts the frames collected and merges those that differ only in what is below.
    private func merge() -> Int32 {
        if collected.isEmpty { return Self.dead }
        if collected.count > 1 {
            collected.sort { ($0.state, $0.count, $0.below) < ($1.state, $1.count, $1.below) }
            var kept = 0
            for place in 1..<collected.count {
                let (last, frame) = (collected[kept], collected[place])
                if last.state == frame.state, last.count == frame.count {
                    collected[kept] = Frame(
                        state: last.state, count: last.count, below: union(last.below, frame.below))
                } else {
                    kept += 1
                    collected[kept] = frame
                }
            }
            collected.removeSubrange((kept + 1)...)
        }
        return intern(collected)
    }

    /// The configuration of the stacks of both.
    func union(_ one: Int32, _ other: Int32) -> Int32 {
        if one == other || other == Self.dead { return one }
        if one == Self.dead { return other }
        let key = UInt64(UInt32(min(one, other))) << 32 | UInt64(UInt32(max(one, other)))
        if let known = unions[key] { return known }
        let mine = Array(frames(of: one))
        let theirs = Array(frames(of: other))
        var result: [Frame] = []
        var (i, j) = (0, 0)
        while i < mine.count || j < theirs.count {
            work += 1
            if j == theirs.count || (i < mine.count && isBefore(mine[i], theirs[j])) {
                result.append(mine[i])
                i += 1
            } else if i == mine.count || isBefore(theirs[j], mine[i]) {
                result.append(theirs[j])
                j += 1
            } else {
                result.append(
                    Frame(
                        state: mine[i].state, count: mine[i].count, below: union(mine[i].below, theirs[j].below)))
                i += 1
                j += 1
            }
        }
        let merged = intern(result)
        unions[key] = merged
        return merged
    }

    private func isBefore(_ one: Frame, _ other: Frame) -> Bool {
        (one.state, one.count) < (other.state, other.count)
    }

    /// The number of the configuration with these frames, which are in order.
    func intern(_ list: [Frame]) -> Int32 {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(list.count)
        for frame in list {
            hash = Self.mix(
                hash ^ (UInt64(UInt32(bitPattern: frame.state)) << 32 | UInt64(UInt32(bitPattern: frame.count))))
            hash = Self.mix(hash ^ UInt64(UInt32(frame.below)))
        }
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            if frames(of: slots[slot]).elementsEqual(list) { return slots[slot] }
            slot = (slot + 1) & (slots.count - 1)
        }
        var entry = Configuration(
            first: Int32(frames.count), count: Int32(list.count), row: -1, depth: 0, flags: [])
        for frame in list {
            frames.append(frame)
            entry.depth = max(entry.depth, configurations.count == 0 ? 0 : configurations[Int(frame.below)].depth + 1)
            switch program.states[Int(frame.state)].kind {
            case .accept: entry.flags.insert(.mayEnd)
            case .bottom: entry.flags.insert(.bottom)
            case .token: entry.flags.formUnion([.token, .mayGoOn])
            default: entry.flags.insert(.mayGoOn)
            }
        }
        configurations.append(entry)
        let number = Int32(configurations.count - 1)
        slots[slot] = number
        hashes.append(hash)
        if configurations.count * 2 > slots.count { rehash() }
        return number
    }

    private var hashes: [UInt64] = []

    private func rehash() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for (number, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(number)
        }
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }

    /// The same configuration, which another space of the same program numbers differently, in this one.
    func adopt(_ configuration: Int32, from other: ConfigurationSpace) -> Int32 {
        var known: [Int32: Int32] = [:]
        return adopt(configuration, from: other, &known)
    }

    private func adopt(_ configuration: Int32, from other: ConfigurationSpace, _ known: inout [Int32: Int32]) -> Int32 {
        if configuration <= Self.unknown { return configuration }
        if let number = known[configuration] { return number }
        let list = other.frames(of: configuration).map { frame in
            Frame(state: frame.state, count: frame.count, below: adopt(frame.below, from: other, &known))
        }
        let number = intern(list)
        known[configuration] = number
        return number
    }
}
