import Synchronization

/// Counts of values by upper bounds, as Prometheus has them: a short lock a value, and no allocation.
package final class Histogram: Sendable {
    /// Ascending; a last bucket takes what is greater.
    let bounds: [Double]
    private let state: Mutex<Counts>

    struct Counts: Sendable {
        /// Of each bucket alone, the unbounded one last.
        fileprivate(set) var buckets: [Int]
        fileprivate(set) var sum = 0.0

        /// How many values are at most each bound; the last is all.
        var cumulative: [Int] {
            var total = 0
            return buckets.map { count in
                total += count
                return total
            }
        }
    }

    package init(_ bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Counts(buckets: [Int](repeating: 0, count: bounds.count + 1)))
    }

    /// The same value `count` times.
    package func observe(_ value: Double, count: Int = 1) {
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        state.withLock { counts in
            counts.buckets[bucket] += count
            counts.sum += value * Double(count)
        }
    }

    func observe(_ duration: Duration, count: Int = 1) { observe(duration.seconds, count: count) }

    var counts: Counts {
        state.withLock { counts in
            // A copy of its own: a shared one would make the next value allocate.
            var copy = counts
            copy.buckets = counts.buckets.map { $0 }
            return copy
        }
    }
}

extension Histogram {
    // Bounds in seconds as vLLM has them (vllm/v1/metrics/loggers.py), with finer ones below for small models.
    static let firstToken = [
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640,
        2560,
    ]
    static let betweenTokens = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40,
        80,
    ]
    static let request = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480,
        960,
        1920, 7680,
    ]
    static let tokens: [Double] = [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000,
    ]
}

extension Duration {
    var seconds: Double { self / .seconds(1) }
}
