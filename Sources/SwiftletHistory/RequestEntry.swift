/// One answered request in the history. Times are seconds.
package struct RequestEntry: Sendable, Hashable {
    /// When the request came, since 1970.
    package var time: Double
    /// From the request to the last byte of its answer.
    package var duration: Double
    package var endpoint: String
    /// As the library calls it; empty if the request named none that is there.
    package var model: String
    package var status: Int
    package var promptTokens: Int
    package var cachedTokens: Int
    package var generatedTokens: Int
    package var queue: Double?
    package var timeToFirstToken: Double?
    /// Whose tokens it took, if an API key was used.
    package var key: KeyTokens?

    package init(
        time: Double, duration: Double, endpoint: String, model: String, status: Int = 200, promptTokens: Int = 0,
        cachedTokens: Int = 0, generatedTokens: Int = 0, queue: Double? = nil, timeToFirstToken: Double? = nil,
        key: KeyTokens? = nil
    ) {
        (self.time, self.duration, self.endpoint, self.model) = (time, duration, endpoint, model)
        (self.status, self.promptTokens, self.cachedTokens) = (status, promptTokens, cachedTokens)
        (self.generatedTokens, self.queue, self.timeToFirstToken) = (generatedTokens, queue, timeToFirstToken)
        self.key = key
    }

    /// The client went before the answer was whole: the status that nginx has for that.
    var isCancelled: Bool { status == 499 }
    var isFailed: Bool { status >= 400 && !isCancelled }
    var isDone: Bool { status < 400 }
}

/// Tokens that count against the limits of an API key.
package struct KeyTokens: Sendable, Hashable {
    /// The key's SHA-256, in hexadecimal.
    package var digest: String
    package var tokens: Int

    package init(digest: String, tokens: Int) { (self.digest, self.tokens) = (digest, tokens) }

    /// How many seconds they are kept, whatever is kept of requests: as long as limits look back, and a little more.
    static let age = 90_000.0
}
