import SwiftletServer
import Testing

/// The account of what a connection waits for, with a clock of its own.
@Suite struct ConnectionPaceTests {
    private static let start = ContinuousClock.now
    private let limits: ConnectionLimits = {
        var limits = ConnectionLimits()
        (limits.headTime, limits.idleTime) = (.seconds(10), .seconds(100))
        (limits.bodyTime, limits.answerTime) = (.seconds(20), .seconds(60))
        (limits.minimumRate, limits.pipelinedRequests) = (1000, 2)
        return limits
    }()

    private static func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func pace() -> Client { Client(ConnectionPace(limits, now: Self.start)) }

    @Test func theFirstHeadHasItsTimeFromTheConnectionOn() {
        let pace = pace()
        #expect(pace.check(buffered: 0, Self.at(10)) == nil)
        #expect(pace.check(buffered: 0, Self.at(10.1)) == .slowHead)
        // Bytes that come one by one win nothing.
        pace.took(1, Self.at(5))
        #expect(pace.check(buffered: 0, Self.at(10.1)) == .slowHead)
    }

    @Test func aConnectionMayBeIdleAfterAnAnswer() {
        let pace = pace()
        pace.took(100, Self.at(1))
        #expect(pace.headEnded(Self.at(1)))
        pace.requestEnded(Self.at(1))
        // However long the answer takes.
        #expect(pace.check(buffered: 0, Self.at(1000)) == nil)
        pace.answerEnded(Self.at(1000))
        #expect(pace.check(buffered: 0, Self.at(1100)) == nil)
        #expect(pace.check(buffered: 0, Self.at(1100.1)) == .idle)
        // The next head's time begins with its first byte.
        pace.took(1, Self.at(1090))
        #expect(pace.check(buffered: 0, Self.at(1100)) == nil)
        #expect(pace.check(buffered: 0, Self.at(1100.1)) == .slowHead)
    }

    @Test func aBodyMayTakeAsLongAsItsBytes() {
        let pace = pace()
        #expect(pace.headEnded(Self.at(0)))
        pace.wants(Self.at(0))
        #expect(pace.check(buffered: 0, Self.at(20)) == nil)
        #expect(pace.check(buffered: 0, Self.at(20.1)) == .slowBody)
        for second in 1...200 {
            pace.took(1000, Self.at(Double(second)))
            pace.bodyCame(1000)
            pace.wants(Self.at(Double(second)))
        }
        #expect(pace.check(buffered: 0, Self.at(200)) == nil)
        #expect(pace.check(buffered: 0, Self.at(219)) == nil)
        #expect(pace.check(buffered: 0, Self.at(221)) == .slowBody)
    }

    @Test func timeThatTheServerTakesIsNotTheClients() {
        let pace = pace()
        #expect(pace.headEnded(Self.at(0)))
        pace.wants(Self.at(0))
        pace.took(10, Self.at(1))
        // The server asks for no more.
        #expect(pace.check(buffered: 0, Self.at(1000)) == nil)
        pace.wants(Self.at(1000))
        #expect(pace.check(buffered: 0, Self.at(1019)) == nil)
        #expect(pace.check(buffered: 0, Self.at(1020)) == .slowBody)
    }

    @Test func aReaderThatStopsIsFound() {
        let pace = pace()
        #expect(pace.headEnded(Self.at(0)))
        pace.requestEnded(Self.at(0))
        pace.wrote(100_000)
        #expect(pace.check(buffered: 50_000, Self.at(1)) == nil)
        // 50,000 bytes went, into the system's buffer perhaps: they grant nothing for later.
        #expect(pace.check(buffered: 50_000, Self.at(61)) == nil)
        #expect(pace.check(buffered: 50_000, Self.at(62)) == .slowReader)
    }

    @Test func aReaderThatIsSlowButReadsIsServed() {
        let pace = pace()
        #expect(pace.headEnded(Self.at(0)))
        pace.requestEnded(Self.at(0))
        pace.wrote(1_000_000)
        for second in 1...900 {
            #expect(pace.check(buffered: 1_000_000 - second * 1000, Self.at(Double(second))) == nil)
        }
        // Once it has all, nothing is held against it.
        #expect(pace.check(buffered: 0, Self.at(901)) == nil)
        pace.wrote(1000)
        #expect(pace.check(buffered: 1000, Self.at(902)) == nil)
        #expect(pace.check(buffered: 1000, Self.at(961)) == nil)
    }

    @Test func requestsThatAreSentAheadAreCounted() {
        let pace = pace()
        for _ in 0..<2 {
            #expect(pace.headEnded(Self.start))
            pace.requestEnded(Self.start)
        }
        #expect(!pace.headEnded(Self.start))
    }

    @Test func aBodyThatGoesOnAfterItsAnswerIsReadForAWhile() {
        let pace = pace()
        #expect(pace.headEnded(Self.at(0)))
        pace.answerEnded(Self.at(1))
        for second in 1...5 { pace.took(100_000, Self.at(Double(second))) }
        #expect(pace.check(buffered: 0, Self.at(6)) == nil)
        #expect(pace.check(buffered: 0, Self.at(6.1)) == .drained)
        pace.requestEnded(Self.at(6.2))
        #expect(pace.check(buffered: 0, Self.at(7)) == nil)
    }

    @Test func chunksThatAreAllFrameAreFound() {
        let pace = pace()
        #expect(pace.headEnded(Self.at(0)))
        // Six bytes for each one are within what clients do.
        pace.took(6_000_000, Self.at(1))
        pace.bodyCame(1_000_000)
        #expect(pace.check(buffered: 0, Self.at(1)) == nil)
        pace.took(60_000_000, Self.at(2))
        #expect(pace.check(buffered: 0, Self.at(2)) == .framing)
    }

    /// The account as an object, since expectations cannot change values.
    private final class Client {
        private var pace: ConnectionPace

        init(_ pace: ConnectionPace) { self.pace = pace }

        func wants(_ now: ContinuousClock.Instant) { pace.wants(now) }
        func took(_ bytes: Int, _ now: ContinuousClock.Instant) { pace.took(bytes, now) }
        func headEnded(_ now: ContinuousClock.Instant) -> Bool { pace.headEnded(now) }
        func bodyCame(_ bytes: Int) { pace.bodyCame(bytes) }
        func requestEnded(_ now: ContinuousClock.Instant) { pace.requestEnded(now) }
        func wrote(_ bytes: Int) { pace.wrote(bytes) }
        func answerEnded(_ now: ContinuousClock.Instant) { pace.answerEnded(now) }
        func check(buffered: Int, _ now: ContinuousClock.Instant) -> ConnectionPace.Reason? {
            pace.check(buffered: buffered, now)
        }
    }
}
