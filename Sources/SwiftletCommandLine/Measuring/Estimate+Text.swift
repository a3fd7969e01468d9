import Foundation
import SwiftletEvaluation
import SwiftletGround

extension Estimate {
    /// `24.7866 ± 0.9768`
    func fixed(_ digits: Int) -> String { "\(value.fixed(digits)) ± \(error.fixed(digits))" }

    /// The same as a share in percent: `96.725 ± 0.249 %`
    func percent(_ digits: Int) -> String { "\((value * 100).fixed(digits)) ± \((error * 100).fixed(digits)) %" }

    var json: JSONValue { ["value": .number(value), "error": .number(error)] }
}

extension Double {
    /// With so many digits after the point.
    func fixed(_ digits: Int) -> String { String(format: "%.\(digits)f", self) }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
