import Foundation
import SwiftletLibrary

/// Rows of text as aligned columns, two spaces apart.
enum Columns {
    static func align(_ rows: [[String]]) -> String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { $0.offset == row.count - 1 ? $0.element : $0.element.padded(to: widths[$0.offset]) }
                .joined(separator: "  ")
        }
        .joined(separator: "\n")
    }
}

/// JSON on standard output: sorted keys, dates as ISO 8601.
enum JSONOutput {
    static func print(_ value: some Encodable) throws {
        Swift.print(String(decoding: try JSONEncoder.library.encode(value), as: UTF8.self))
    }
}

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
