/// Finds byte strings by their bytes, never by Unicode equivalence: an open-addressing table at most half full.
final class ByteIndex: @unchecked Sendable {  // written only in init
    let strings: ByteStrings
    /// The strings once more, where a look-up needs no bounds and no reference counts.
    private let bytes: UnsafeMutablePointer<UInt8>
    private let starts: UnsafeMutablePointer<Int>
    /// The upper half of a string's hash and its index plus one; 0 is empty.
    private let slots: UnsafeMutablePointer<UInt64>
    private let mask: Int

    /// Indexes all strings; of equal ones the last is found, as in the reference engine. Cost: linear.
    init(_ strings: ByteStrings) {
        self.strings = strings
        bytes = .allocate(capacity: max(1, strings.bytes.count))
        bytes.initialize(from: strings.bytes, count: strings.bytes.count)
        starts = .allocate(capacity: strings.count + 1)
        starts[0] = 0
        var capacity = 16
        while capacity < strings.count * 2 { capacity *= 2 }
        mask = capacity - 1
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: 0, count: capacity)
        for index in 0..<strings.count {
            let range = strings.range(index)
            starts[index + 1] = range.upperBound
            let hash = ByteHash.hash(bytes + range.lowerBound, range.count, seed: ByteHash.seed)
            let place = place(bytes + range.lowerBound, range.count, hash)
            slots[place] = hash & 0xFFFF_FFFF_0000_0000 | UInt64(index + 1)
        }
    }

    deinit {
        bytes.deallocate()
        starts.deallocate()
        slots.deallocate()
    }

    /// The index of `bytes`, or -1.
    func find(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
        guard let base = bytes.baseAddress else { return -1 }
        return find(base, bytes.count)
    }

    /// The index of the `count` bytes at `start`, or -1.
    @inline(__always)
    func find(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
        let hash = ByteHash.hash(start, count, seed: ByteHash.seed)
        return Int32(truncatingIfNeeded: slots[place(start, count, hash)] & 0xFFFF_FFFF) - 1
    }

    /// The slot with that string, or the empty one where it would go.
    @inline(__always)
    private func place(_ start: UnsafePointer<UInt8>, _ count: Int, _ hash: UInt64) -> Int {
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = slots[place]
            if slot == 0 { return place }
            if slot >> 32 == hash >> 32 {
                let index = Int(slot & 0xFFFF_FFFF) - 1
                let other = starts[index]
                if starts[index + 1] - other == count, Self.equal(start, bytes + other, count) { return place }
            }
            place = (place + 1) & mask
        }
    }

    @inline(__always)
    private static func equal(_ one: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var offset = 0
        let one = UnsafeRawPointer(one)
        let other = UnsafeRawPointer(other)
        while offset + 8 <= count {
            if one.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                != other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            {
                return false
            }
            offset += 8
        }
        while offset < count {
            if one.load(fromByteOffset: offset, as: UInt8.self) != other.load(fromByteOffset: offset, as: UInt8.self) {
                return false
            }
            offset += 1
        }
        return true
    }
}
