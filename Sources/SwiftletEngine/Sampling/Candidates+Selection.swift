import SwiftletTokenizers

// A candidate's key orders it among the others: the score in the high half, made monotone as an integer, and the
// position in the low half, reversed, so that greater keys come first and equal scores keep their order.
// Comparing integers is exact and total, so selection and sorting need no stability.

extension Candidates {
    @inline(__always)
    static func key(_ score: Float, _ position: Int) -> UInt64 {
        // -0 becomes 0, which it equals.
        let bits = (score + 0).bitPattern
        let monotone = bits >> 31 == 1 ? ~bits : bits | 0x8000_0000
        return UInt64(monotone) << 32 | UInt64(~UInt32(truncatingIfNeeded: position))
    }

    @inline(__always)
    static func score(_ key: UInt64) -> Float {
        let monotone = UInt32(truncatingIfNeeded: key >> 32)
        return Float(bitPattern: monotone >> 31 == 1 ? monotone & 0x7FFF_FFFF : ~monotone)
    }

    @inline(__always)
    static func position(_ key: UInt64) -> Int {
        Int(~UInt32(truncatingIfNeeded: key))
    }

    /// Puts the keys of the best possible candidates into `storage.keys`, best first, and returns how many there are:
    /// `wanted`, or all possible ones if those are fewer. The candidates themselves stay as they are.
    mutating func rank(_ wanted: Int) -> Int {
        if isSorted {
            let found = min(wanted, count)
            grow(\.keys, to: found, with: 0)
            for position in 0..<found { storage.keys[position] = Self.key(logits[position], position) }
            return found
        }
        return rank(wanted, by: UnsafePointer(logits))
    }

    /// The same by other scores, one for each candidate, of which minus infinity is never taken.
    ///
    /// One pass in blocks, against the worst score that can still be among the best; cost is near one read of the scores.
    mutating func rank(_ wanted: Int, by scores: UnsafePointer<Float>) -> Int {
        let wanted = max(min(wanted, count), 1)
        // Room for as many again: each time it is full, one selection throws half away.
        let room = wanted < count ? min(2 * wanted + 64, count) : count
        grow(\.keys, to: room, with: 0)
        grow(\.spareKeys, to: room, with: 0)
        let count = count
        return storage.keys.withUnsafeMutableBufferPointer { keys in
            storage.spareKeys.withUnsafeMutableBufferPointer { spare in
                var found = 0
                var limit = -Float.infinity
                Self.forEachBlock(scores, count) { start, end, best in
                    guard best > limit else { return }
                    for position in start..<end where scores[position] > limit {
                        if found == room {
                            Self.select(wanted, of: keys[..<found], spare: spare)
                            found = wanted
                            limit = Self.lowestScore(keys[..<found])
                            guard scores[position] > limit else { continue }
                        }
                        keys[found] = Self.key(scores[position], position)
                        found += 1
                    }
                }
                if found > wanted {
                    Self.select(wanted, of: keys[..<found], spare: spare)
                    found = wanted
                }
                Self.sortDescending(keys[..<found], spare: spare)
                return found
            }
        }
    }

    /// Leaves the candidates of the first keys, in their order; `byLogit` says that the keys were made of the logits.
    mutating func commit(_ ranked: Int, byLogit: Bool = true) {
        // Gather first: writing in place would overwrite logits and tokens that are still to be read.
        for index in 0..<ranked {
            let position = Self.position(storage.keys[index])
            storage.keys[index] =
                UInt64(logits[position].bitPattern) << 32 | UInt64(UInt32(bitPattern: token(position)))
        }
        grow(\.tokens, to: ranked, with: 0)
        for index in 0..<ranked {
            let key = storage.keys[index]
            logits[index] = Float(bitPattern: UInt32(truncatingIfNeeded: key >> 32))
            storage.tokens[index] = TokenID(truncatingIfNeeded: key)
        }
        count = ranked
        isSparse = true
        isSorted = byLogit
    }
}

extension Candidates {
    /// Calls with each block of 64 scores and its greatest.
    @inline(__always)
    private static func forEachBlock(
        _ scores: UnsafePointer<Float>, _ count: Int, _ body: (_ start: Int, _ end: Int, _ best: Float) -> Void
    ) {
        var start = 0
        while start + 64 <= count {
            let block = UnsafeRawPointer(scores + start)
            var best = block.loadUnaligned(as: Vector.self)
            for offset in stride(from: 32, to: 256, by: 32) {
                let next = block.loadUnaligned(fromByteOffset: offset, as: Vector.self)
                best.replace(with: next, where: next .> best)
            }
            body(start, start + 64, best.max())
            start += 64
        }
        if start < count { body(start, count, .infinity) }
    }

    private static func lowestScore(_ keys: Slice<UnsafeMutableBufferPointer<UInt64>>) -> Float {
        var lowest = UInt64.max
        for key in keys { lowest = min(lowest, key) }
        return score(lowest)
    }

    /// Moves the greatest keys to the front, in any order: quickselect, and a sort when its pivots are bad luck.
    static func select(
        _ wanted: Int, of keys: Slice<UnsafeMutableBufferPointer<UInt64>>, spare: UnsafeMutableBufferPointer<UInt64>
    ) {
        let base = keys.base
        var low = keys.startIndex
        var high = keys.endIndex
        var patience = 2 * (UInt64.bitWidth - (high - low).leadingZeroBitCount)
        while high - low > 32 {
            patience -= 1
            if patience < 0 { break }
            let pivot = median(base[low], base[low + (high - low) / 2], base[high - 1])
            var (left, right) = (low, high - 1)
            while left <= right {
                while base[left] > pivot { left += 1 }
                while base[right] < pivot { right -= 1 }
                if left <= right {
                    base.swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            if wanted <= right {
                high = right + 1
            } else if wanted >= left {
                low = left
            } else {
                return
            }
        }
        sortDescending(base[low..<high], spare: spare)
    }

    private static func median(_ a: UInt64, _ b: UInt64, _ c: UInt64) -> UInt64 {
        max(min(a, b), min(max(a, b), c))
    }

    /// Greatest first, in place: insertion for few, else radix by bytes, in linear time whatever the keys.
    static func sortDescending(
        _ keys: Slice<UnsafeMutableBufferPointer<UInt64>>, spare: UnsafeMutableBufferPointer<UInt64>
    ) {
        let base = keys.base
        if keys.count <= 48 {
            for index in keys.indices.dropFirst() {
                let key = base[index]
                var hole = index
                while hole > keys.startIndex, base[hole - 1] < key {
                    base[hole] = base[hole - 1]
                    hole -= 1
                }
                base[hole] = key
            }
            return
        }
        let count = keys.count
        var source = UnsafeMutableBufferPointer(rebasing: keys)
        var target = UnsafeMutableBufferPointer(rebasing: spare[..<count])
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { starts in
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                starts.initialize(repeating: 0)
                for key in source { starts[Int(key >> shift & 255)] += 1 }
                // A byte that all keys share orders nothing.
                if starts[Int(source[0] >> shift & 255)] == count { continue }
                var next = 0
                for byte in stride(from: 255, through: 0, by: -1) {
                    (starts[byte], next) = (next, next + starts[byte])
                }
                for key in source {
                    let byte = Int(key >> shift & 255)
                    target[starts[byte]] = key
                    starts[byte] += 1
                }
                swap(&source, &target)
            }
        }
        if source.baseAddress != base.baseAddress.map({ $0 + keys.startIndex }) {
            _ = target.update(fromContentsOf: source)
        }
    }
}
