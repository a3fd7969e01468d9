import Foundation

extension Int {
    /// A count of parameters as models are named: 135M, 1.54B.
    var asCount: String {
        switch self {
        case ..<1_000_000: "\(self / 1000)K"
        case ..<999_500_000: "\(Int((Double(self) / 1e6).rounded()))M"
        case ..<10_000_000_000: String(format: "%.2fB", Double(self) / 1e9)
        default: String(format: "%.1fB", Double(self) / 1e9)
        }
    }
}
