/// Places to follow, each once, in the order they were found.
struct ClosureList {
    private var places: [UInt64] = []
    /// Open addressing over `places` when they are many; a short scan is quicker while they are few.
    private var slots: [Int32] = []
    private static let scanLimit = 24

    var count: Int { places.count }

    subscript(_ place: Int) -> (state: Int32, below: Int32) {
        (Int32(truncatingIfNeeded: places[place] >> 32), Int32(truncatingIfNeeded: places[place]))
    }

    mutating func removeAll() {
        places.removeAll(keepingCapacity: true)
        slots.removeAll()
    }

    mutating func insert(_ state: Int32, _ below: Int32) {
        let key = UInt64(UInt32(state)) << 32 | UInt64(UInt32(below))
        if places.count < Self.scanLimit {
            if !places.contains(key) { places.append(key) }
            return
        }
        if slots.count < (places.count + 1) * 2 { index() }
        var slot = Self.slot(key, slots.count)
        while slots[slot] >= 0 {
            if places[Int(slots[slot])] == key { return }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Int32(places.count)
        places.append(key)
    }

    private mutating func index() {
        slots = [Int32](repeating: -1, count: max(64, slots.count * 2))
        for (number, key) in places.enumerated() {
            var slot = Self.slot(key, slots.count)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(number)
        }
    }

    private static func slot(_ key: UInt64, _ count: Int) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & (count - 1)
    }
}
