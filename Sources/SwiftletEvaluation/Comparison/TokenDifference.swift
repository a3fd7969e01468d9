import Foundation

/// How two models differ in what they expect after one token.
struct TokenDifference: Sendable {
    /// -ln of the probability that each gave to the token that came.
    var baseSurprise: Double
    var surprise: Double
    /// Kullback-Leibler divergence from the base, in nats.
    var divergence: Double
    /// Whether both hold the same token for the likeliest.
    var sameTop: Bool

    /// By how much the probability of the token that came rose.
    var probabilityChange: Double { exp(-surprise) - exp(-baseSurprise) }

    var isFinite: Bool { baseSurprise.isFinite && surprise.isFinite && divergence.isFinite }

    init(
        _ base: Distribution, _ baseLogits: UnsafeBufferPointer<Float>, _ other: Distribution,
        _ otherLogits: UnsafeBufferPointer<Float>, target: Int
    ) {
        baseSurprise = base.surprise(target, baseLogits)
        surprise = other.surprise(target, otherLogits)
        divergence = base.divergence(of: other, baseLogits, otherLogits)
        sameTop = base.top == other.top
    }
}
