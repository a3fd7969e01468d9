/// Ended spans on their way to a collector, and when the next try is due: says what to do, and does nothing itself.
struct SpanQueue: Sendable {
    /// Most spans that wait; what comes then is lost.
    static let capacity = 8192
    /// Most spans of one request.
    static let batch = 512

    private var spans: [FinishedSpan] = []
    private(set) var lost = 0
    /// Tries that failed since the last one that did not.
    private(set) var failures = 0

    var count: Int { spans.count }

    mutating func add(_ span: FinishedSpan) {
        if spans.count < Self.capacity { spans.append(span) } else { lost += 1 }
    }

    /// The oldest ones, which are put back if sending fails; nil without any.
    mutating func next() -> [FinishedSpan]? {
        guard !spans.isEmpty else { return nil }
        defer { spans.removeFirst(min(Self.batch, spans.count)) }
        return Array(spans.prefix(Self.batch))
    }

    /// The collector has a batch. Returns how many spans were lost meanwhile, if tries had failed.
    mutating func sent() -> Int? {
        defer { (failures, lost) = (0, 0) }
        return failures > 0 || lost > 0 ? lost : nil
    }

    /// The collector may take a batch later. Returns whether that is news.
    mutating func failed(_ batch: [FinishedSpan]) -> Bool {
        spans = batch + spans
        lost += max(0, spans.count - Self.capacity)
        spans = Array(spans.prefix(Self.capacity))
        failures += 1
        return failures == 1
    }

    /// The collector does not want a batch. Returns whether that is news.
    mutating func refused(_ batch: [FinishedSpan]) -> Bool {
        lost += batch.count
        failures += 1
        return failures == 1
    }

    /// Until the next try: half a second, and twice as long after each one that failed, up to half a minute.
    var pause: Duration { .milliseconds(500) * min(60, 1 << min(failures, 6)) }
}
