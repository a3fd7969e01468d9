import Synchronization

/// The tokens of words met before: a table of fixed size in which a newer word replaces an older one.
///
/// It holds words of up to 15 bytes and 4 tokens, which is nearly all of prose; about 330 KB.
final class WordCache: @unchecked Sendable {  // `SharedWordCache` hands it to one caller at a time
    struct Entry {
        /// The word's bytes, its length in the last byte; a length of 0 marks an empty place.
        var low: UInt64 = 0
        var high: UInt64 = 0
        var tokens: (TokenID, TokenID, TokenID, TokenID) = (0, 0, 0, 0)
        var count: Int32 = 0
    }

    static let longestWord = 15
    private static let bits: UInt64 = 13
    private let entries: UnsafeMutablePointer<Entry>

    init() {
        entries = .allocate(capacity: 1 << Int(Self.bits))
        entries.initialize(repeating: Entry(), count: 1 << Int(Self.bits))
    }

    deinit {
        entries.deallocate()
    }

    /// The key of a word of 1 to 15 bytes.
    @inline(__always)
    static func key(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> (low: UInt64, high: UInt64) {
        var low: UInt64 = 0
        var high = UInt64(count) << 56
        for index in 0..<min(count, 8) { low |= UInt64(bytes[index]) << UInt64(index * 8) }
        for index in 8..<max(count, 8) { high |= UInt64(bytes[index]) << UInt64((index - 8) * 8) }
        return (low, high)
    }

    @inline(__always)
    func place(_ key: (low: UInt64, high: UInt64)) -> UnsafeMutablePointer<Entry> {
        entries + Int(ByteHash.mix(key.low ^ (key.high &* 0xD6E8_FEB8_6659_FD93)) >> (64 - Self.bits))
    }
}

/// A cache that goes from call to call; a call that comes while another has it gets a new one.
final class SharedWordCache: Sendable {
    private let cache = Mutex<WordCache?>(nil)

    func withCache<Result>(_ body: (WordCache) -> Result) -> Result {
        let taken = cache.withLock { cache in
            defer { cache = nil }
            return cache
        }
        let mine = taken ?? WordCache()
        defer { cache.withLock { $0 = mine } }
        return body(mine)
    }
}

extension WordCache {
    /// Appends the tokens of the word, from the table or else from `encode`, whose answer is kept if it fits.
    @inline(__always)
    func append(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, to output: inout [TokenID],
        encode: (inout [TokenID]) -> Void
    ) {
        guard count <= Self.longestWord, count > 0 else { return encode(&output) }
        let key = Self.key(bytes, count)
        let place = place(key)
        if place.pointee.low == key.low, place.pointee.high == key.high {
            let tokens = place.pointee.tokens
            let count = place.pointee.count
            output.append(tokens.0)
            if count > 1 { output.append(tokens.1) }
            if count > 2 { output.append(tokens.2) }
            if count > 3 { output.append(tokens.3) }
            return
        }
        let start = output.count
        encode(&output)
        let added = output.count - start
        guard added >= 1, added <= 4 else { return }
        func token(_ index: Int) -> TokenID { index < added ? output[start + index] : 0 }
        place.pointee = Entry(
            low: key.low, high: key.high, tokens: (token(0), token(1), token(2), token(3)), count: Int32(added))
    }
}
