/// A set of Unicode scalars, as disjoint ranges in ascending order with gaps between them; surrogates are never in it.
struct ScalarSet: Sendable, Hashable {
    private(set) var ranges: [ClosedRange<UInt32>] = []

    static let all = ScalarSet([0...0x10FFFF])

    init() {}

    /// Ranges in any order, which may overlap and reach beyond what Unicode has.
    init(_ ranges: [ClosedRange<UInt32>]) {
        var cut: [ClosedRange<UInt32>] = []
        for range in ranges {
            for part in [UInt32(0)...0xD7FF, 0xE000...0x10FFFF] where part.overlaps(range) {
                cut.append(range.clamped(to: part))
            }
        }
        cut.sort { $0.lowerBound < $1.lowerBound }
        for range in cut {
            if let last = self.ranges.last, range.lowerBound <= last.upperBound &+ 1 {
                self.ranges[self.ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                self.ranges.append(range)
            }
        }
    }

    init(_ scalars: Unicode.Scalar...) { self.init(scalars.map { $0.value...$0.value }) }

    var isEmpty: Bool { ranges.isEmpty }

    func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    var inverted: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
        return ScalarSet(gaps)
    }

    func intersection(_ other: ScalarSet) -> ScalarSet {
        var result: [ClosedRange<UInt32>] = []
        var mine = ranges.startIndex
        var theirs = other.ranges.startIndex
        while mine < ranges.endIndex, theirs < other.ranges.endIndex {
            let one = ranges[mine]
            let two = other.ranges[theirs]
            if one.overlaps(two) { result.append(one.clamped(to: two)) }
            if one.upperBound < two.upperBound { mine += 1 } else { theirs += 1 }
        }
        return ScalarSet(result)
    }

    func subtracting(_ other: ScalarSet) -> ScalarSet { intersection(other.inverted) }
}
