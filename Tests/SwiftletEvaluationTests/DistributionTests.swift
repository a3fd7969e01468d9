import Foundation
import SwiftletEvaluation
import Testing

/// Softmax figures of one row against the same in double, element by element.
@Suite struct DistributionTests {
    /// Lengths around the vectors' and the blocks' sizes.
    static let lengths = [1, 2, 7, 8, 9, 15, 511, 512, 513, 1000, 4099]

    private static func logits(_ count: Int, seed: UInt64) -> [Float] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int32(truncatingIfNeeded: state >> 33)) / Float(1 << 28) * 3
        }
    }

    private static func logSumExp(_ values: [Float]) -> Double {
        let top = Double(values.max() ?? 0)
        return top + log(values.reduce(0.0) { $0 + exp(Double($1) - top) })
    }

    @Test(arguments: lengths) func surpriseIsThatOfDouble(_ count: Int) {
        let logits = Self.logits(count, seed: 7)
        let expected = Self.logSumExp(logits)
        logits.withUnsafeBufferPointer { row in
            let distribution = Distribution(row)
            #expect(distribution.maximum == logits.max())
            #expect(distribution.top == logits.firstIndex(of: logits.max() ?? 0))
            for token in [0, count / 2, count - 1] {
                #expect(abs(distribution.surprise(token, row) - (expected - Double(logits[token]))) < 1e-6)
            }
        }
    }

    @Test(arguments: lengths) func divergenceIsThatOfDouble(_ count: Int) {
        let (a, b) = (Self.logits(count, seed: 3), Self.logits(count, seed: 5))
        let (p, q) = (Self.logSumExp(a), Self.logSumExp(b))
        let expected = zip(a, b).reduce(0.0) { sum, pair in
            sum + exp(Double(pair.0) - p) * (Double(pair.0) - p - Double(pair.1) + q)
        }
        let found = a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in Distribution(a).divergence(of: Distribution(b), a, b) }
        }
        #expect(abs(found - expected) <= 1e-6 * max(1, expected))
    }

    @Test func divergenceFromItselfIsZero() {
        let logits = Self.logits(5000, seed: 11)
        logits.withUnsafeBufferPointer { row in
            #expect(abs(Distribution(row).divergence(of: Distribution(row), row, row)) < 1e-12)
        }
    }

    /// Tokens that a model rules out (logit minus infinity) count as probability 0 in both.
    @Test func ruledOutTokensCountNothing() {
        var (a, b) = (Self.logits(100, seed: 1), Self.logits(100, seed: 2))
        let shortA = Array(a.dropLast(10)), shortB = Array(b.dropLast(10))
        for index in 90..<100 { (a[index], b[index]) = (-.infinity, -.infinity) }
        func divergence(_ a: [Float], _ b: [Float]) -> Double {
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in Distribution(a).divergence(of: Distribution(b), a, b) }
            }
        }
        #expect(abs(divergence(a, b) - divergence(shortA, shortB)) < 1e-9)
        #expect(divergence(a, b).isFinite)
    }

    @Test(arguments: [0, 3, 99, 512, 700]) func badLogitsAreKnown(_ place: Int) {
        for bad in [Float.nan, .infinity, -.nan] {
            var logits = Self.logits(701, seed: 9)
            logits[place] = bad
            let isFinite = logits.withUnsafeBufferPointer { Distribution($0).isFinite }
            #expect(!isFinite, "\(bad) at \(place)")
        }
        let nothing = [Float](repeating: -.infinity, count: 10)
        let isFinite = nothing.withUnsafeBufferPointer { Distribution($0).isFinite }
        #expect(!isFinite)
    }
}

@Suite struct EstimateTests {
    @Test func meanAndErrorAreTheTextbooks() {
        let estimate = Estimate(meanOf: [1, 2, 3, 4])
        #expect(estimate.value == 2.5)
        // Variance 1.25, over 3.
        #expect(abs(estimate.error - (1.25 / 3).squareRoot()) < 1e-15)
        #expect(Estimate(meanOf: [5]) == Estimate(value: 5, error: 0))
    }

    @Test func quantilesLieBetweenNeighbours() {
        let spread = Spread([4, 1, 3, 2, 5])
        #expect(spread.median == 3)
        #expect(spread.quantile(0.25) == 2)
        #expect(abs(spread.quantile(0.9) - 4.6) < 1e-12)
        #expect((spread.minimum, spread.maximum) == (1, 5))
        #expect((spread.quantile(0), spread.quantile(1)) == (1, 5))
    }
}
