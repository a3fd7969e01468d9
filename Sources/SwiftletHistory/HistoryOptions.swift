public import Foundation

/// Where a server keeps what requests took: numbers and names, never what was said.
public struct HistoryOptions: Sendable {
    /// An SQLite file; made if it is not there, readable by its owner only.
    public var url: URL
    /// What is older goes; nil keeps all.
    public var age: Duration?
    /// Most requests that are kept one by one (about 100 bytes each); of older ones the sums of minutes stay.
    public var requestLimit = 1_000_000
    /// What a million tokens of prompts would cost elsewhere, for `swiftlet stats`.
    public var inputPrice: Double?
    /// What a million generated tokens would cost elsewhere.
    public var outputPrice: Double?

    public init(url: URL, age: Duration? = .seconds(30 * 86400)) { (self.url, self.age) = (url, age) }

    /// The history of a library.
    public static func url(inHome home: URL) -> URL { home.appending(path: "history.sqlite") }
}
