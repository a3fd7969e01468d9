import SwiftletGround

/// The merges of a byte pair vocabulary: from two tokens to their rank and the token of both, in one look-up.
final class MergeTable: @unchecked Sendable {  // written only in init
    private struct Slot {
        /// Both tokens; all ones: empty, which no pair of tokens is.
        var pair = UInt64.max
        var rank: UInt32 = 0
        var token: TokenID = 0
    }

    private let slots: UnsafeMutablePointer<Slot>
    private let mask: Int

    /// Reads merges as `left right` in the order of their ranks; of equal ones the first counts.
    /// Throws if one has no space or names a token that is not in the vocabulary.
    init(_ merges: ByteStrings, _ vocabulary: Vocabulary) throws(TokenizerError) {
        var capacity = 16
        while capacity < merges.count * 2 { capacity *= 2 }
        mask = capacity - 1
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(), count: capacity)
        try merges.bytes.withUnsafeBufferPointer { (bytes) throws(TokenizerError) in
            var joined: [UInt8] = []
            for index in 0..<merges.count {
                let merge = UnsafeBufferPointer(rebasing: bytes[merges.range(index)])
                guard let space = merge.dropFirst().firstIndex(of: UInt8(ascii: " ")) else {
                    throw TokenizerError(.malformed, "the merge has no space between two tokens", at: "merge \(index)")
                }
                let left = UnsafeBufferPointer(rebasing: merge[..<space])
                let right = UnsafeBufferPointer(rebasing: merge[(space + 1)...])
                joined.removeAll(keepingCapacity: true)
                joined += left
                joined += right
                let token = try joined.withUnsafeBufferPointer { (joined) throws(TokenizerError) in
                    try Self.token(joined, vocabulary, index)
                }
                insert(
                    try Self.token(left, vocabulary, index), try Self.token(right, vocabulary, index),
                    rank: UInt32(index), token: token)
            }
        }
    }

    private static func token(
        _ text: UnsafeBufferPointer<UInt8>, _ vocabulary: Vocabulary, _ merge: Int
    ) throws(TokenizerError) -> TokenID {
        let found = vocabulary.texts.find(text)
        guard found >= 0 else {
            throw TokenizerError(
                .malformed,
                "the merge names \"\(String(decoding: text.prefix(40), as: UTF8.self))\", which is no token",
                at: "merge \(merge)")
        }
        return found
    }

    deinit {
        slots.deallocate()
    }

    private func insert(_ left: TokenID, _ right: TokenID, rank: UInt32, token: TokenID) {
        let pair = Self.pair(left, right)
        var place = Int(truncatingIfNeeded: ByteHash.mix(pair ^ ByteHash.seed)) & mask
        while slots[place].pair != .max {
            if slots[place].pair == pair { return }
            place = (place + 1) & mask
        }
        slots[place] = Slot(pair: pair, rank: rank, token: token)
    }

    @inline(__always)
    private static func pair(_ left: TokenID, _ right: TokenID) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }
}

extension MergeTable: PairRanking {
    @inline(__always)
    func pair(_ left: MergeSymbol, _ right: MergeSymbol) -> (rank: UInt32, token: TokenID)? {
        guard left.token >= 0, right.token >= 0 else { return nil }
        let pair = Self.pair(left.token, right.token)
        var place = Int(truncatingIfNeeded: ByteHash.mix(pair ^ ByteHash.seed)) & mask
        while true {
            let slot = slots[place]
            if slot.pair == pair { return (slot.rank, slot.token) }
            if slot.pair == .max { return nil }
            place = (place + 1) & mask
        }
    }
}
