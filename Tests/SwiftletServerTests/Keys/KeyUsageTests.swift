import SwiftletServer
import Testing

/// Quotas against plain definitions, over random histories with a clock of their own.
@Suite struct KeyUsageTests {
    private typealias Instant = ContinuousClock.Instant

    /// A list of all that ever happened.
    private struct Plain {
        var requests: [Instant] = []
        var tokens: [(time: Instant, count: Int)] = []

        func requests(inMinuteBefore now: Instant) -> Int { requests.filter { $0 + .seconds(60) > now }.count }

        func tokens(_ now: Instant, over length: Duration) -> Int {
            tokens.filter { $0.time + length > now }.reduce(0) { $0 + $1.count }
        }
    }

    @Test(arguments: 1...40) func requestsInAMinute(seed: UInt64) {
        var random = SplitMix(state: seed)
        let limit = Int.random(in: 1...12, using: &random)
        var (window, plain, now) = (RequestWindow(), Plain(), Instant.now)
        for _ in 0..<400 {
            now += .milliseconds(Int.random(in: 0...(120_000 / limit), using: &random))
            let isFree = plain.requests(inMinuteBefore: now) < limit
            guard let wait = window.wait(limit, at: now) else {
                #expect(isFree)
                window.add(at: now)
                plain.requests.append(now)
                continue
            }
            #expect(!isFree && wait > .zero && wait <= .seconds(60))
            // Who waits as told is let in, and not a moment too late.
            #expect(plain.requests(inMinuteBefore: now + wait) < limit)
            #expect(plain.requests(inMinuteBefore: now + wait - .nanoseconds(1)) >= limit)
        }
        #expect(plain.requests.count > limit)
    }

    @Test func aLowerLimitHoldsAtOnce() {
        var (window, now) = (RequestWindow(), Instant.now)
        for _ in 0..<10 {
            #expect(window.wait(10, at: now) == nil)
            window.add(at: now)
            now += .seconds(1)
        }
        // Of ten, at 0 to 9 seconds, eight must be a minute old.
        #expect(window.wait(3, at: now) == .seconds(57))
        #expect(window.wait(3, at: now + .seconds(57)) == nil)
        #expect(window.wait(20, at: now) == nil)
    }

    @Test(arguments: 1...40) func tokensInADay(seed: UInt64) {
        var random = SplitMix(state: seed)
        let limit = Int.random(in: 1...5000, using: &random)
        var (window, plain, now) = (TokenWindow(), Plain(), Instant.now)
        for _ in 0..<400 {
            now += .seconds(Int.random(in: 0...(Bool.random(using: &random) ? 60 : 7200), using: &random))
            let wait = window.wait(limit, at: now)
            // Exact from below; a minute too long at most.
            #expect(window.total >= plain.tokens(now, over: TokenWindow.length))
            #expect(window.total <= plain.tokens(now, over: TokenWindow.length + TokenWindow.step))
            #expect((wait == nil) == (window.total < limit))
            if let wait {
                #expect(wait > .zero && wait <= TokenWindow.length)
                var later = window
                #expect(later.wait(limit, at: now + wait) == nil)
                #expect(plain.tokens(now + wait, over: TokenWindow.length) < limit)
            } else {
                let count = Int.random(in: 0...(limit / 4 + 1), using: &random)
                window.add(count, at: now)
                plain.tokens.append((now, count))
            }
        }
    }

    @Test func whatWasCountedEarlierCounts() {
        let now = Instant.now
        var limits = KeyLimits()
        limits.tokensPerDay = 100
        func hours(_ count: Int) -> Duration { .seconds(3600 * count) }
        let earlier = [(age: hours(30), tokens: 500), (hours(23), 60), (hours(1), 40), (hours(-1), 0)]
        var usage = KeyUsage(earlier: earlier, at: now)
        #expect(usage.begin(limits, at: now) == .tokens(limit: 100, wait: hours(1)))
        #expect(usage.begin(limits, at: now + hours(1)) == nil)
        // The end of the minute that runs lies ahead.
        var next = KeyUsage(earlier: [(age: .seconds(-40), tokens: 100)], at: now)
        #expect(next.begin(limits, at: now) == .tokens(limit: 100, wait: hours(24)))
    }

    @Test func hugeCountsDoNotOverflow() {
        var (window, now) = (TokenWindow(), Instant.now)
        for count in [Int.max, -5, Int.max, 0, Int.min] {
            window.add(count, at: now)
            now += .seconds(61)
        }
        #expect(window.total > 0)
        #expect(window.wait(1, at: now) != nil)
        #expect(window.wait(1, at: now + .seconds(86_401)) == nil)
        #expect(window.total == 0)
    }

    @Test func whatIsRefusedDoesNotCount() {
        var limits = KeyLimits()
        (limits.requestsPerMinute, limits.tokensPerDay, limits.concurrent) = (3, 100, 2)
        var (usage, now) = (KeyUsage(), Instant.now)
        #expect(usage.begin(limits, at: now) == nil)
        #expect(usage.begin(limits, at: now) == nil)
        for _ in 0..<5 { #expect(usage.begin(limits, at: now) == .concurrent(limit: 2)) }
        usage.end()
        #expect(usage.begin(limits, at: now) == nil)
        usage.end()
        #expect(usage.begin(limits, at: now + .seconds(1)) == .requests(limit: 3, wait: .seconds(59)))
        #expect(usage.running == 1)
        now += .seconds(60)
        usage.count(99, at: now)
        #expect(usage.begin(limits, at: now) == nil)
        usage.count(1, at: now)
        usage.end()
        #expect(usage.begin(limits, at: now) == .tokens(limit: 100, wait: .seconds(86_400)))
        #expect(usage.begin(KeyLimits(), at: now) == nil)
    }
}

/// Vigna's SplitMix64: the same numbers for the same seed everywhere.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
