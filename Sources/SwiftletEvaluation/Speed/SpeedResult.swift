public import Foundation

/// What a test of speed took, run by run.
public struct SpeedResult: Sendable {
    public let test: SpeedTest
    /// When the first run began.
    public let start: Date
    /// Nanoseconds of each run.
    public let nanoseconds: [Int]
    /// Nanoseconds until the prompt's last logits were there, of each run; empty without a prompt.
    public let firstToken: [Int]
    /// Joules of all runs together, of whole processor packages; nil where the system does not tell.
    public let joules: Double?

    package init(test: SpeedTest, start: Date, nanoseconds: [Int], firstToken: [Int], joules: Double?) {
        (self.test, self.start, self.nanoseconds) = (test, start, nanoseconds)
        (self.firstToken, self.joules) = (firstToken, joules)
    }

    /// Tokens a second, of each run.
    public var rates: [Double] { nanoseconds.map { Double(test.tokens) * 1e9 / Double(max($0, 1)) } }

    public var rate: Spot { Spot(rates) }
    public var duration: Spot { Spot(nanoseconds.map(Double.init)) }

    /// Mean nanoseconds to the first token; nil without a prompt.
    public var timeToFirstToken: Double? {
        firstToken.isEmpty ? nil : Spot(firstToken.map(Double.init)).mean
    }

    public var joulesPerToken: Double? {
        joules.map { $0 / Double(max(test.tokens * nanoseconds.count, 1)) }
    }

    /// A mean and how far single values lie from it, as llama-bench reports both.
    public struct Spot: Sendable, Hashable {
        public let mean: Double
        /// The standard deviation of a sample, with count - 1; 0 for a single value.
        public let deviation: Double

        package init(_ values: [Double]) {
            let mean = Statistics.mean(values)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            self.mean = mean
            deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
        }
    }
}
