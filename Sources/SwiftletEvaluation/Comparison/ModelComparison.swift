import Foundation

/// How far a model is from its base on a text: what llama-perplexity --kl-divergence tells.
public struct ModelComparison: Sendable {
    public let perplexity: Estimate
    /// perplexity / base perplexity; its error knows that both were measured on the same tokens.
    public let ratio: Estimate
    /// ln of that ratio.
    public let logRatio: Estimate
    /// Correlation of both models' surprises.
    public let correlation: Double
    /// Kullback-Leibler divergence of the model's predictions from the base's, in nats.
    public let divergence: Spread
    /// Change of the probability of the token that came.
    public let probabilityChange: Spread
    /// Root mean square of that change.
    public let probabilityChangeRMS: Estimate
    /// Share of the tokens where both models hold the same one for the likeliest.
    public let sameTop: Estimate
    public let size: ModelSize

    init(_ tokens: [TokenDifference], size: ModelSize) {
        let (own, base) = (tokens.map(\.surprise), tokens.map(\.baseSurprise))
        let (surprise, baseSurprise) = (Estimate(meanOf: own), Estimate(meanOf: base))
        let shared = Statistics.covariance(own, base)
        perplexity = surprise.exponential
        logRatio = Estimate(
            value: surprise.value - baseSurprise.value,
            error: max(0, surprise.error * surprise.error + baseSurprise.error * baseSurprise.error - 2 * shared)
                .squareRoot())
        ratio = logRatio.exponential
        let spread = surprise.error * baseSurprise.error
        correlation = spread > 0 ? shared / spread : 1
        divergence = Spread(tokens.map(\.divergence))
        let changes = tokens.map(\.probabilityChange)
        probabilityChange = Spread(changes)
        let square = Estimate(meanOf: changes.map { $0 * $0 })
        let root = square.value.squareRoot()
        probabilityChangeRMS = square.map(sqrt, slope: root > 0 ? 0.5 / root : 0)
        let share = Statistics.mean(tokens.map { $0.sameTop ? 1 : 0 })
        let others = Double(max(tokens.count - 1, 1))
        sameTop = Estimate(value: share, error: (share * (1 - share) / others).squareRoot())
        self.size = size
    }
}

/// A series of measurements: its mean with the standard error, and its quantiles.
public struct Spread: Sendable {
    public let mean: Estimate
    private let sorted: [Double]

    package init(_ values: [Double]) {
        mean = Estimate(meanOf: values)
        sorted = values.sorted()
    }

    public var minimum: Double { sorted.first ?? 0 }
    public var maximum: Double { sorted.last ?? 0 }
    public var median: Double { quantile(0.5) }

    /// The value below which the share `fraction` of all lies, between neighbours in proportion.
    public func quantile(_ fraction: Double) -> Double { Statistics.quantile(sorted, fraction) }
}
