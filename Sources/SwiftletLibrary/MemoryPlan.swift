/// Whether a model fits a machine's memory: weights, key-value cache and working memory against what is there.
///
/// Pure arithmetic; `MachineMemory` asks the system.
public struct MemoryPlan: Sendable, Hashable {
    public enum Verdict: String, Sendable, Codable {
        /// Weights, the cache for the whole planned context and working memory fit with a tenth to spare.
        case fits
        /// Everything fits, but close: other programs' memory will be pushed out.
        case tight
        /// It does not fit; the system would read weights from disk at each step, or refuse.
        case tooLarge = "too-large"
    }

    public let weightBytes: Int
    /// Bytes of F16 key-value cache for one token.
    public let cacheBytesPerToken: Int
    /// The context that the verdict is for.
    public let context: Int
    public let availableBytes: Int

    /// Activations, vocabulary and program: what a run takes beside weights and cache.
    public static let workingBytes = 120 << 20
    /// The context that a plan assumes if the model can do more.
    public static let usualContext = 4096

    public init(weightBytes: Int, cacheNumbersPerToken: Int, context: Int, availableBytes: Int) {
        self.weightBytes = max(0, weightBytes)
        cacheBytesPerToken = max(0, cacheNumbersPerToken).times(2)
        self.context = max(0, context)
        self.availableBytes = max(0, availableBytes)
    }

    /// The plan of a model whose header was read, for its context up to `usualContext`.
    public init(weightBytes: Int, facts: ModelFacts?, availableBytes: Int) {
        self.init(
            weightBytes: weightBytes, cacheNumbersPerToken: facts?.cacheNumbersPerToken ?? 0,
            context: min(facts?.contextLength ?? Self.usualContext, Self.usualContext), availableBytes: availableBytes)
    }

    /// Positions of keys and values that a server keeps for a model: a few contexts, since requests at once seldom have whole
    /// ones, and what the engine's pages take beyond each.
    package static func servedTokens(context: Int, parallel: Int) -> Int {
        max(0, context).plus(256).times(min(4, max(1, parallel)))
    }

    /// Weights, cache and working memory.
    public var neededBytes: Int {
        weightBytes.plus(cacheBytesPerToken.times(context)).plus(Self.workingBytes)
    }

    public var verdict: Verdict {
        if neededBytes > availableBytes { return .tooLarge }
        return neededBytes > availableBytes - availableBytes / 10 ? .tight : .fits
    }

    /// The longest context whose cache fits beside the weights; 0 if the weights alone do not, nil if there is no cache.
    public var longestContext: Int? {
        guard cacheBytesPerToken > 0 else { return nil }
        return max(0, availableBytes - weightBytes.plus(Self.workingBytes)) / cacheBytesPerToken
    }
}

extension Int {
    /// Sums and products of sizes that a header claims stop at the largest number instead of overflowing.
    fileprivate func plus(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    fileprivate func times(_ other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
