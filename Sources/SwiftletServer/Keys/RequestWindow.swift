/// The requests of the last minute: whether one more may begin, and when it may if not.
///
/// Exact: in no minute, wherever it starts, do more begin than the limit says. 16 bytes a request of the last minute.
package struct RequestWindow: Sendable {
    /// When requests began, in order; those before `first` are older than a minute.
    private var times: [ContinuousClock.Instant] = []
    private var first = 0

    package static let length = Duration.seconds(60)

    package init() {}

    /// How long to wait until one more may begin; nil if it may now. `now` never goes back.
    package mutating func wait(_ limit: Int, at now: ContinuousClock.Instant) -> Duration? {
        while first < times.count, times[first] + Self.length <= now { first += 1 }
        if first * 2 > times.count {
            times.removeFirst(first)
            first = 0
        }
        let count = times.count - first
        guard count >= max(1, limit) else { return nil }
        return now.duration(to: times[times.count - max(1, limit)] + Self.length)
    }

    /// One more begins.
    package mutating func add(at now: ContinuousClock.Instant) { times.append(now) }
}
