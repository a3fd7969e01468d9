/// The tokens of the last 24 hours, to the minute: a token counts for 24 hours and at most a minute more.
package struct TokenWindow: Sendable {
    private struct Minute: Sendable {
        let start: ContinuousClock.Instant
        var last: ContinuousClock.Instant
        var tokens: Int
    }

    private var minutes: [Minute] = []
    /// The sum over `minutes`.
    package private(set) var total = 0

    package static let length = Duration.seconds(86400)
    package static let step = Duration.seconds(60)

    package init() {}

    /// How long to wait until fewer tokens than the limit count; nil if that is now. `now` never goes back.
    package mutating func wait(_ limit: Int, at now: ContinuousClock.Instant) -> Duration? {
        forget(at: now)
        guard total >= max(1, limit) else { return nil }
        var rest = total
        for minute in minutes {
            rest -= minute.tokens
            if rest < max(1, limit) { return now.duration(to: minute.last + Self.length) }
        }
        return nil
    }

    package mutating func add(_ tokens: Int, at now: ContinuousClock.Instant) {
        guard tokens > 0 else { return }
        // No sum overflows, whatever comes.
        let tokens = min(tokens, 1 << 40, Int.max - total)
        total += tokens
        guard let last = minutes.last, now < last.start + Self.step else {
            forget(at: now)
            minutes.append(Minute(start: now, last: now, tokens: tokens))
            return
        }
        minutes[minutes.count - 1].last = now
        minutes[minutes.count - 1].tokens += tokens
    }

    private mutating func forget(at now: ContinuousClock.Instant) {
        let count = minutes.prefix { $0.last + Self.length <= now }.count
        total -= minutes.prefix(count).reduce(0) { $0 + $1.tokens }
        minutes.removeFirst(count)
    }
}
