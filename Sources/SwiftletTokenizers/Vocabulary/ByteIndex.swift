/// Finds byte strings by their bytes, never by Unicode equivalence: an open-addressing table at most half full.
struct ByteIndex: Sendable {
    let strings: ByteStrings
    private var slots: [Int32]
    private let seed = ByteHash.seed

    /// Indexes all strings; of equal ones the last is found, as in the reference engine. Cost: linear.
    init(_ strings: ByteStrings) {
        self.strings = strings
        var capacity = 16
        while capacity < strings.count * 2 { capacity *= 2 }
        var slots = [Int32](repeating: -1, count: capacity)
        let seed = seed
        strings.bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            for index in 0..<strings.count {
                let range = strings.range(index)
                let start = base + range.lowerBound
                var slot = Int(truncatingIfNeeded: ByteHash.hash(start, range.count, seed: seed)) & (capacity - 1)
                while slots[slot] >= 0 {
                    let other = strings.range(Int(slots[slot]))
                    if other.count == range.count, Self.equal(start, base + other.lowerBound, range.count) { break }
                    slot = (slot + 1) & (capacity - 1)
                }
                slots[slot] = Int32(index)
            }
        }
        self.slots = slots
    }

    /// The index of `bytes`, or -1.
    func find(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
        guard let base = bytes.baseAddress else { return -1 }
        return find(base, bytes.count)
    }

    /// The index of the `count` bytes at `start`, or -1.
    func find(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: ByteHash.hash(start, count, seed: seed)) & mask
        return strings.bytes.withUnsafeBufferPointer { all in
            while true {
                let index = slots[slot]
                if index < 0 { return -1 }
                let range = strings.range(Int(index))
                if range.count == count,
                    count == 0 || Self.equal(start, all.baseAddress.unsafelyUnwrapped + range.lowerBound, count)
                {
                    return index
                }
                slot = (slot + 1) & mask
            }
        }
    }

    @inline(__always)
    private static func equal(_ one: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        for offset in 0..<count where one[offset] != other[offset] { return false }
        return true
    }
}
