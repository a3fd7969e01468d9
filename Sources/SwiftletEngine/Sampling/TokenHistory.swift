import SwiftletTokenizers

/// The last tokens of a sequence, newest first, in a ring that grows to its capacity only when it is filled.
struct TokenHistory: Sendable {
    let capacity: Int
    private var ring: [TokenID] = []
    /// Where the oldest token is, once the ring is full.
    private var oldest = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { ring.count }

    /// The token `age` steps back; 0 is the newest.
    subscript(age: Int) -> TokenID {
        // `oldest` is 0 until the ring is full.
        let position = oldest + ring.count - 1 - age
        return ring[position < ring.count ? position : position - ring.count]
    }

    mutating func append(_ token: TokenID) {
        guard capacity > 0 else { return }
        if ring.count < capacity {
            ring.append(token)
        } else {
            ring[oldest] = token
            oldest = oldest + 1 == capacity ? 0 : oldest + 1
        }
    }

    mutating func removeAll() {
        ring.removeAll(keepingCapacity: true)
        oldest = 0
    }
}
