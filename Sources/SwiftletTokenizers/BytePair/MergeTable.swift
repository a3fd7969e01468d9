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
        var joined: [UInt8] = []
        for index in 0..<merges.count {
            let merge = merges[index]
            guard let space = merge.dropFirst().firstIndex(of: UInt8(ascii: " ")) else {
                throw TokenizerError(.malformed, "the merge has no space between two tokens", at: "merge \(index)")
            }
            let left = merge[..<space]
            let right = merge[(space + 1)...]
            joined.removeAll(keepingCapacity: true)
            joined += left
            joined += right
            func token(_ text: some Collection<UInt8>) throws(TokenizerError) -> TokenID {
                let found = text.withContiguousStorageIfAvailable { vocabulary.texts.find($0) } ?? -1
                guard found >= 0 else {
                    throw TokenizerError(
                        .malformed,
                        "the merge names \"\(String(decoding: text.prefix(40), as: UTF8.self))\", which is no token",
                        at: "merge \(index)")
                }
                return found
            }
            insert(try token(left), try token(right), rank: UInt32(index), token: try token(joined))
        }
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
