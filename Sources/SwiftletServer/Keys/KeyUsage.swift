/// What a key was used for: requests and tokens of late, and requests that run.
package struct KeyUsage: Sendable {
    /// Why a request may not begin.
    package enum Refusal: Sendable, Hashable {
        case concurrent(limit: Int)
        case requests(limit: Int, wait: Duration)
        case tokens(limit: Int, wait: Duration)
    }

    package private(set) var running = 0
    private var requests = RequestWindow()
    private var tokens = TokenWindow()

    /// `earlier`: what an earlier process counted, in order, and how long ago.
    package init(earlier: [(age: Duration, tokens: Int)] = [], at now: ContinuousClock.Instant = .now) {
        for (age, count) in earlier { tokens.add(count, at: now - max(age, .zero)) }
    }

    /// Counts a request that begins, or says why it may not: those that are refused do not count.
    package mutating func begin(_ limits: KeyLimits, at now: ContinuousClock.Instant) -> Refusal? {
        if let limit = limits.concurrent, running >= limit { return .concurrent(limit: limit) }
        if let limit = limits.tokensPerDay, let wait = tokens.wait(limit, at: now) {
            return .tokens(limit: limit, wait: wait)
        }
        if let limit = limits.requestsPerMinute {
            if let wait = requests.wait(limit, at: now) { return .requests(limit: limit, wait: wait) }
            requests.add(at: now)
        }
        running += 1
        return nil
    }

    package mutating func end() { running -= 1 }

    /// Counts tokens that a request read or wrote.
    package mutating func count(_ count: Int, at now: ContinuousClock.Instant) { tokens.add(count, at: now) }
}
