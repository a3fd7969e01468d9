public import Foundation

/// Where a server's audit log is, and how long it is kept.
public struct AuditOptions: Sendable, Hashable {
    public var folder: URL
    /// A file that is larger is followed by another one.
    public var fileBytes = 64_000_000
    /// How long files are kept after their last line; nil for ever.
    public var keep: Duration?
    /// How long the texts of prompts are kept; nil if they are not.
    public var prompts: Duration?

    public init(folder: URL) { self.folder = folder }
}
