package import SwiftletGround

package enum HistoryDomain: FailureDomain {}

/// What is wrong with a history that was to be read.
package typealias HistoryError = Failure<HistoryDomain>

extension Failure<HistoryDomain>.Code {
    /// No server has kept one there.
    package static var notFound: Self { Self("no-history") }
    /// The file is no history, is damaged, or may not be read.
    package static var unreadable: Self { Self("unreadable-history") }
}
