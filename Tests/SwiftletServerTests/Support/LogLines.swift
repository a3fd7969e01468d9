import Logging
import Synchronization

/// A log that a test can read.
final class LogLines: Sendable {
    struct Line: Sendable, CustomStringConvertible {
        let level: Logger.Level
        let message: String
        /// The logger's own, and the line's.
        let metadata: [String: String]

        var description: String { "\(level) \(message) \(metadata)" }
    }

    private let lines = Mutex<[Line]>([])

    var all: [Line] { lines.withLock { $0 } }
    var text: String { all.map(\.description).joined(separator: "\n") }
    var logger: Logger { Logger(label: "test") { [self] _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let line = Line(
                level: event.level, message: event.message.description, metadata: all.mapValues(\.description))
            lines.lines.withLock { $0.append(line) }
        }
    }
}
