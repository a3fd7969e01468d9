/// What happens while a model is pulled, for a progress bar, a log or a user interface.
public enum PullEvent: Sendable {
    /// A source is asked.
    case trying(source: String)
    /// A source failed; the next one in the catalogue's order is tried.
    case sourceFailed(source: String, reason: String)
    /// Another process or task pulls the same; this one waits for it.
    case waiting(for: String)
    /// A file begins, or goes on after `resumedAt` bytes.
    case started(file: String, totalBytes: Int?, resumedAt: Int)
    case progress(file: String, bytes: Int, totalBytes: Int?)
    /// The connection broke; the download goes on after a pause.
    case retrying(file: String, seconds: Double, reason: String)
    /// All bytes are there; their checksum is computed.
    case verifying(file: String)
    /// The model was in the library already.
    case upToDate(name: String)
    /// The model is in the library under its name.
    case finished(name: String, bytes: Int)
}
