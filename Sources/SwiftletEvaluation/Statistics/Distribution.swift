import Foundation
import SwiftletEngine

/// What softmax makes of one row of logits, without writing it out: the likeliest token and the normalizer.
///
/// Goals in order: exact to float rounding of the logits themselves (sums in double every 512 elements), speed. A row takes one
/// pass for the maximum and one for the sum.
package struct Distribution {
    /// The largest logit, and the first token that has it.
    package let maximum: Float
    package let top: Int
    /// ln of the sum of exp(logit - maximum); not finite if a logit is NaN, all are minus infinity or one is infinity.
    package let logSum: Double

    package var isFinite: Bool { maximum.isFinite && logSum.isFinite }

    private typealias Vector = Exponential.Vector

    package init(_ logits: UnsafeBufferPointer<Float>) {
        (maximum, top) = Self.maximum(logits)
        let maximum = maximum
        var sum = 0.0
        Self.eachBlock(logits.count) { block in
            var part = Vector.zero
            for start in stride(from: block.lowerBound, to: block.upperBound, by: Vector.scalarCount) {
                part += Exponential.vector(Self.load(logits, start) - maximum)
            }
            sum += Double(part.sum())
        }
        logSum = log(sum)
    }

    /// -ln of the probability of `token`.
    package func surprise(_ token: Int, _ logits: UnsafeBufferPointer<Float>) -> Double {
        Double(maximum) + logSum - Double(logits[token])
    }

    /// The Kullback-Leibler divergence of `other`'s distribution from this one, in nats: the sum of p (ln p - ln q).
    package func divergence(
        of other: Distribution, _ logits: UnsafeBufferPointer<Float>, _ otherLogits: UnsafeBufferPointer<Float>
    ) -> Double {
        let (maximum, otherMaximum) = (maximum, other.maximum)
        var sum = 0.0
        Self.eachBlock(logits.count) { block in
            var part = Vector.zero
            for start in stride(from: block.lowerBound, to: block.upperBound, by: Vector.scalarCount) {
                let x = Self.load(logits, start) - maximum
                let p = Exponential.vector(x)
                // Where p is 0 the term is 0, whatever the difference (minus infinities included).
                let term = p * (x - (Self.load(otherLogits, start) - otherMaximum))
                part += term.replacing(with: 0, where: p .== 0)
            }
            sum += Double(part.sum())
        }
        return sum / exp(logSum) - (logSum - other.logSum)
    }

    private static func maximum(_ logits: UnsafeBufferPointer<Float>) -> (Float, Int) {
        var (best, place) = (-Float.infinity, 0)
        eachBlock(logits.count) { block in
            var highest = Vector(repeating: -.infinity)
            for start in stride(from: block.lowerBound, to: block.upperBound, by: Vector.scalarCount) {
                let x = load(logits, start)
                highest.replace(with: x, where: x .> highest)
            }
            let top = highest.max()
            guard top > best else { return }
            (best, place) = (top, block.first { logits[$0] == top } ?? block.lowerBound)
        }
        return (best, place)
    }

    /// Calls `body` with ranges of at most 512 elements.
    @inline(__always)
    private static func eachBlock(_ count: Int, _ body: (Range<Int>) -> Void) {
        for start in stride(from: 0, to: count, by: 512) { body(start..<min(start + 512, count)) }
    }

    /// Elements from `start` on; minus infinity after the last.
    @inline(__always)
    private static func load(_ logits: UnsafeBufferPointer<Float>, _ start: Int) -> Vector {
        guard start + Vector.scalarCount <= logits.count else { return rest(logits, start) }
        return UnsafeRawPointer(logits.baseAddress!).loadUnaligned(
            fromByteOffset: start * MemoryLayout<Float>.stride, as: Vector.self)
    }

    private static func rest(_ logits: UnsafeBufferPointer<Float>, _ start: Int) -> Vector {
        var x = Vector(repeating: -.infinity)
        for index in start..<logits.count { x[index - start] = logits[index] }
        return x
    }
}
