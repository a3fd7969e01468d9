import SwiftletModels
import SwiftletTokenizers
import Synchronization

/// One sequence: its tokens so far and their keys and values. Made by `Engine.makeSession`, used by that engine only.
public final class Session: @unchecked Sendable {
    // Sendable: `tokens` and `claim` are touched only on the engine's thread.

    public let contextLength: Int
    public let cacheType: CacheType
    let cache: ContiguousCache
    /// The tokens whose keys and values are in the cache.
    var tokens: [TokenID] = []
    /// The generation that is using the session.
    var claim: SessionClaim?

    init(_ shape: KeyValueShape, contextLength: Int, cacheType: CacheType) throws(EngineError) {
        cache = try ContiguousCache(shape, capacity: contextLength, type: cacheType)
        (self.contextLength, self.cacheType) = (contextLength, cacheType)
        // Steps need no more memory then: 4 bytes a token, next to the thousands of its keys and values.
        tokens.reserveCapacity(min(contextLength, 1 << 20))
    }

    /// Forgets what `prompt` does not begin with, or its last token, so that one is left to compute; returns how many stay.
    func reuse(for prompt: [TokenID]) -> Int {
        let common = zip(tokens, prompt).prefix { $0 == $1 }.count
        let kept = min(common, prompt.count - 1)
        tokens.removeSubrange(kept...)
        return kept
    }
}

/// A generation's hold on its session; known to be cancelled before its last step has ended.
final class SessionClaim: Sendable {
    private let cancelled = Atomic<Bool>(false)

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() { cancelled.store(true, ordering: .releasing) }
}
