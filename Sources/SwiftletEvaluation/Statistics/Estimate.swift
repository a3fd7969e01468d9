import Foundation

/// A mean and its standard error.
public struct Estimate: Sendable, Hashable {
    public var value: Double
    public var error: Double

    public init(value: Double, error: Double) { (self.value, self.error) = (value, error) }

    /// The mean of `values`; its error is the reference's, sqrt(variance / (count - 1)), and 0 for a single one.
    package init(meanOf values: [Double]) {
        let mean = Statistics.mean(values)
        value = mean
        error = Statistics.covariance(values, values).squareRoot()
    }

    /// The same estimate of `transform(value)`, whose slope there is `slope`.
    func map(_ transform: (Double) -> Double, slope: Double) -> Estimate {
        Estimate(value: transform(value), error: abs(slope) * error)
    }

    /// Of a mean logarithm the estimate of the geometric mean: e^x, with the error e^x times that of x.
    var exponential: Estimate { map(exp, slope: exp(value)) }
}

enum Statistics {
    static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    /// The covariance of the means of two series: of a series with itself, its squared standard error.
    static func covariance(_ a: [Double], _ b: [Double]) -> Double {
        guard a.count > 1 else { return 0 }
        let (meanA, meanB) = (mean(a), mean(b))
        let sum = zip(a, b).reduce(0.0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) }
        return sum / Double(a.count) / Double(a.count - 1)
    }

    /// The value below which the share `fraction` of `sorted` lies, between neighbours in proportion.
    static func quantile(_ sorted: [Double], _ fraction: Double) -> Double {
        guard let last = sorted.last else { return 0 }
        let place = fraction * Double(sorted.count - 1)
        let index = Int(place)
        guard index + 1 < sorted.count else { return last }
        let share = place - Double(index)
        return (1 - share) * sorted[index] + share * sorted[index + 1]
    }
}
