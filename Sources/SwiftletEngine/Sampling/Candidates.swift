import SwiftletTokenizers

/// The tokens that may still be chosen, with their logits; each sampler narrows or reweighs them.
///
/// Works in the caller's logits, which are scratch afterwards. At first candidate i is token i and nothing is copied;
/// the first sampler that keeps a part moves that part to the front and writes down its tokens.
/// A candidate with a logit of minus infinity is impossible: it is never drawn, kept or counted.
/// No other logit is infinite or not a number, after `prepare`.
struct Candidates {
    let logits: UnsafeMutablePointer<Float>
    /// The candidates are `logits[0..<count]`.
    var count: Int
    /// Whether `storage.tokens` names the candidates.
    var isSparse = false
    /// Whether the logits descend.
    var isSorted = false
    var storage: Storage

    /// Memory that a sampler keeps from token to token.
    struct Storage: Sendable {
        var tokens: [TokenID] = []
        /// Room for selection and sorting, in `Candidates+Selection.swift`.
        var keys: [UInt64] = []
        var spareKeys: [UInt64] = []
        /// Scores that tokens are kept by where that is not the logit.
        var scores: [Float] = []
        /// The logits as they came, where the caller wants to know of them.
        var untouched: [Float] = []
    }

    init(_ logits: UnsafeMutableBufferPointer<Float>, storage: consuming Storage) {
        precondition(!logits.isEmpty && logits.count <= Int(Int32.max), "\(logits.count) logits")
        self.logits = logits.baseAddress.unsafelyUnwrapped
        self.count = logits.count
        self.storage = storage
    }

    /// The token of a candidate.
    func token(_ position: Int) -> TokenID {
        isSparse ? storage.tokens[position] : TokenID(truncatingIfNeeded: position)
    }
}

extension Candidates {
    typealias Vector = SIMD8<Float>

    /// Eight logits, of which those past the end are minus infinity.
    @inline(__always)
    func vector(_ position: Int) -> Vector {
        if position + 8 <= count {
            return UnsafeRawPointer(logits + position).loadUnaligned(as: Vector.self)
        }
        var partial = Vector(repeating: -.infinity)
        for lane in 0..<max(count - position, 0) { partial[lane] = logits[position + lane] }
        return partial
    }

    /// Stores those of eight numbers that are not past the end.
    @inline(__always)
    func store(_ vector: Vector, at position: Int) {
        if position + 8 <= count {
            UnsafeMutableRawPointer(logits + position).storeBytes(of: vector, as: Vector.self)
        } else {
            for lane in 0..<max(count - position, 0) { logits[position + lane] = vector[lane] }
        }
    }

    /// Makes what is not a number impossible and infinity the greatest finite number; nothing is written if there is none.
    func prepare() {
        let greatest = Vector(repeating: .greatestFiniteMagnitude)
        var position = 0
        var strange = SIMDMask<SIMD8<Int32>>(repeating: false)
        while position < count {
            strange = strange .| .!(vector(position) .<= greatest)
            position += 8
        }
        guard any(strange) else { return }
        position = 0
        while position < count {
            var logits = vector(position)
            logits.replace(with: -.infinity, where: logits .!= logits)
            store(logits.replacing(with: greatest, where: logits .> greatest), at: position)
            position += 8
        }
    }

    /// The greatest logit; minus infinity when no candidate is possible.
    func greatestLogit() -> Float {
        if isSorted, count > 0 { return logits[0] }
        var best = Vector(repeating: -.infinity)
        var next = best
        var position = 0
        while position < count {
            let (a, b) = (vector(position), vector(position + 8))
            best.replace(with: a, where: a .> best)
            next.replace(with: b, where: b .> next)
            position += 16
        }
        return max(best.max(), next.max())
    }

    /// Where the greatest logit is first; nil when no candidate is possible.
    func firstGreatest() -> Int? {
        let greatest = greatestLogit()
        guard greatest > -.infinity else { return nil }
        var position = 0
        while position < count {
            if any(vector(position) .== greatest) {
                for lane in position..<min(position + 8, count) where logits[lane] == greatest { return lane }
            }
            position += 8
        }
        return nil
    }

    /// Leaves one candidate.
    mutating func keepOnly(_ position: Int) {
        let token = token(position)
        logits[0] = logits[position]
        grow(\.tokens, to: 1, with: 0)
        storage.tokens[0] = token
        count = 1
        isSparse = true
        isSorted = true
    }

    /// Leaves the possible candidates whose logit is at least this, in the order they had.
    mutating func keep(atLeast limit: Float) {
        let limit = max(limit, -.greatestFiniteMagnitude)
        grow(\.tokens, to: count, with: 0)
        var kept = 0
        var start = 0
        while start < count {
            let end = min(start + 8, count)
            if any(vector(start) .>= limit) {
                for position in start..<end where logits[position] >= limit {
                    let token = token(position)
                    logits[kept] = logits[position]
                    storage.tokens[kept] = token
                    kept += 1
                }
            }
            start = end
        }
        count = kept
        isSparse = true
    }

    /// Changes the logit of one candidate; an impossible one stays so, and no finite one becomes impossible.
    @inline(__always)
    func adjust(_ position: Int, _ change: (Float) -> Float) {
        let logit = logits[position]
        guard logit > -.infinity else { return }
        let limit = Float.greatestFiniteMagnitude
        logits[position] = max(-limit, min(limit, change(logit)))
    }

    /// Lengthens an array of the storage; only the first token of a session pays for it.
    mutating func grow<Element>(
        _ array: WritableKeyPath<Storage, [Element]>, to length: Int, with zero: Element
    ) {
        let missing = length - storage[keyPath: array].count
        if missing > 0 { storage[keyPath: array] += repeatElement(zero, count: missing) }
    }
}
