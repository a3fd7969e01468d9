import SwiftletModels
import SwiftletTokenizers

/// One sequence for those who measure a model: its tokens so far and their keys and values. Made by `Engine.makeSession`, used by that engine only.
public final class Session: @unchecked Sendable {
    // Sendable: `tokens` is touched only on the engine's thread.

    public let contextLength: Int
    public let cacheType: CacheType
    let cache: ContiguousCache
    /// The tokens whose keys and values are in the cache.
    var tokens: [TokenID] = []

    init(_ shape: KeyValueShape, contextLength: Int, cacheType: CacheType) throws(EngineError) {
        cache = try ContiguousCache(shape, capacity: contextLength, type: cacheType)
        (self.contextLength, self.cacheType) = (contextLength, cacheType)
        // Steps need no more memory then: 4 bytes a token, next to the thousands of its keys and values.
        tokens.reserveCapacity(min(contextLength, 1 << 20))
    }
}
