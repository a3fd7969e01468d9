/// One client's pace: a pure account of what the connection waits for, and since when.
///
/// It hears of bytes and of the ends of heads, bodies and answers, and is asked now and then whether that is too slow.
package struct ConnectionPace: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Why a connection is closed.
    package enum Reason: String, Sendable, CaseIterable {
        case full, room, idle, slowHead = "slow_head", slowBody = "slow_body", slowReader = "slow_reader", pipelined
        case framing, drained
    }

    private let limits: ConnectionLimits
    /// Since when a head is awaited though it has begun (a connection begins with one), else nil.
    private var headSince: Instant?
    private var idleSince: Instant
    private var checked: Instant
    /// Requests whose answers have not ended.
    package private(set) var unanswered = 0
    /// Whether a request's end is still to come.
    package private(set) var isReading = false
    /// Since when the rest of a request is read for nothing: its answer is out.
    private var drainSince: Instant?
    private var body = Account()
    private var answer = Account()
    /// Bytes of the request's body without its chunks' frames.
    private var payload = 0
    /// Since when the server wants bytes and gets none.
    private var readSince: Instant?
    private var buffered = 0
    private var written = 0

    /// Time that the server waited beyond what the bytes meanwhile grant. Bytes grant nothing for later: the system takes
    /// megabytes of an answer that nobody reads, and a body may begin fast and then stop.
    private struct Account: Sendable {
        private(set) var waited = Duration.zero
        private(set) var bytes = 0

        mutating func wait(_ elapsed: Duration, for bytes: Int, _ rate: Int) {
            self.bytes += bytes
            waited = max(.zero, waited + elapsed - .milliseconds(Int64(bytes) * 1000 / Int64(max(1, rate))))
        }
    }

    package init(_ limits: ConnectionLimits, now: Instant) {
        self.limits = limits
        (headSince, idleSince, checked) = (now, now, now)
    }

    /// The server asks for bytes.
    package mutating func wants(_ now: Instant) {
        if readSince == nil { readSince = now }
    }

    /// Bytes came.
    package mutating func took(_ bytes: Int, _ now: Instant) {
        if isReading {
            body.wait(readSince.map { $0.duration(to: now) } ?? .zero, for: bytes, limits.minimumRate)
        } else if headSince == nil {
            headSince = now
        }
        readSince = nil
    }

    /// A request's header fields are whole. False if too many requests wait already.
    package mutating func headEnded(_ now: Instant) -> Bool {
        (headSince, drainSince) = (nil, nil)
        (body, payload) = (Account(), 0)
        isReading = true
        unanswered += 1
        return unanswered <= limits.pipelinedRequests
    }

    package mutating func bodyCame(_ bytes: Int) { payload += bytes }

    package mutating func requestEnded(_ now: Instant) {
        isReading = false
        drainSince = nil
        if unanswered == 0 { idleSince = now }
    }

    /// The server hands bytes to the connection.
    package mutating func wrote(_ bytes: Int) { written += bytes }

    package mutating func answerEnded(_ now: Instant) {
        unanswered -= 1
        guard unanswered == 0 else { return }
        idleSince = now
        if isReading { drainSince = now }
        // It may have begun while the answer was on its way.
        if headSince != nil { headSince = now }
    }

    /// Whether the client is too slow by now; `buffered` are bytes that it has not taken.
    package mutating func check(buffered: Int, _ now: Instant) -> Reason? {
        let elapsed = checked.duration(to: now)
        checked = now
        if buffered > 0 {
            let taken = max(0, self.buffered + written - buffered)
            answer.wait(self.buffered > 0 ? elapsed : .zero, for: taken, limits.minimumRate)
        } else {
            answer = Account()
        }
        (self.buffered, written) = (buffered, 0)
        if answer.waited > limits.answerTime { return .slowReader }
        if isReading {
            if let drainSince { return drainSince.duration(to: now) > Self.drainTime ? .drained : nil }
            let waiting = readSince.map { $0.duration(to: now) } ?? .zero
            if body.waited + waiting > limits.bodyTime { return .slowBody }
            // Frames of chunks may be larger than what is in them, but not as large as that.
            return body.bytes > 1 << 20 && body.bytes / 16 > payload ? .framing : nil
        }
        guard unanswered == 0, buffered == 0 else { return nil }
        if let headSince { return headSince.duration(to: now) > limits.headTime ? .slowHead : nil }
        return idleSince.duration(to: now) > limits.idleTime ? .idle : nil
    }

    /// How long the rest of a request is read after its answer, so that the client gets to read that.
    package static let drainTime = Duration.seconds(5)

    /// How often to ask: a connection closes so much later than its limits say.
    package static func interval(_ limits: ConnectionLimits) -> Duration {
        let least =
            [limits.headTime, limits.idleTime, limits.bodyTime, limits.answerTime, drainTime].min() ?? drainTime
        return max(least / 5, .milliseconds(20))
    }
}
