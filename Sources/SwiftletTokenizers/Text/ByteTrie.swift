/// Byte strings to be found as prefixes of a text, all of them in one walk: a trie whose children are in one hash table.
final class ByteTrie: @unchecked Sendable {  // written only in init
    private struct Slot {
        /// Parent and byte; all ones: empty.
        var key = UInt64.max
        var child: Int32 = 0
        /// What ends at the child, or -1.
        var value: Int32 = -1
    }

    static let root: Int32 = 0
    private let slots: UnsafeMutablePointer<Slot>
    private let mask: Int
    /// The children of the root, where most walks begin: child and value.
    private let first: UnsafeMutablePointer<(child: Int32, value: Int32)>

    /// The strings in `range`; of equal ones the last counts. Cost: linear in their bytes.
    init(_ strings: ByteStrings, where isIncluded: (Int) -> Bool = { _ in true }) {
        var total = 0
        for index in 0..<strings.count where isIncluded(index) { total += strings.range(index).count }
        var capacity = 64
        while capacity < total * 2 { capacity *= 2 }
        mask = capacity - 1
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(), count: capacity)
        first = .allocate(capacity: 256)
        first.initialize(repeating: (-1, -1), count: 256)
        var count: Int32 = 1
        for index in 0..<strings.count where isIncluded(index) {
            let range = strings.range(index)
            guard !range.isEmpty else { continue }
            var node = Self.root
            var place = 0
            for byte in strings.bytes[range] {
                place = find(node, byte)
                if slots[place].key == .max {
                    slots[place] = Slot(key: Self.key(node, byte), child: count, value: -1)
                    count += 1
                }
                node = slots[place].child
            }
            slots[place].value = Int32(index)
        }
        for byte in 0..<256 {
            let slot = slots[find(Self.root, UInt8(byte))]
            if slot.key != .max { first[byte] = (slot.child, slot.value) }
        }
    }

    deinit {
        slots.deallocate()
        first.deallocate()
    }

    private static func key(_ node: Int32, _ byte: UInt8) -> UInt64 {
        UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
    }

    @inline(__always)
    private func find(_ node: Int32, _ byte: UInt8) -> Int {
        let key = Self.key(node, byte)
        var place = Int(truncatingIfNeeded: ByteHash.mix(key ^ ByteHash.seed)) & mask
        while slots[place].key != key, slots[place].key != .max { place = (place + 1) & mask }
        return place
    }

    /// The child of a node by a byte (negative: none) and the index of the string that ends there (negative: none).
    @inline(__always)
    func step(_ node: Int32, _ byte: UInt8) -> (child: Int32, value: Int32) {
        if node == Self.root { return first[Int(byte)] }
        let slot = slots[find(node, byte)]
        return slot.key == .max ? (-1, -1) : (slot.child, slot.value)
    }
}
