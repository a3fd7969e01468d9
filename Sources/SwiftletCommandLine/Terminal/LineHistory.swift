import Foundation
import SwiftletGround

/// The lines typed before, newest last, kept in a file that only its owner can read: one JSON string a line.
struct LineHistory {
    private static let limit = 1000
    private let file: URL?
    private var lines: [String] = []
    /// Where among `lines` the user has gone to; `lines.count` is the line being typed.
    private var position = 0
    private var draft = ""

    /// Reads the file; one that cannot be read is an empty history, since a chat must not fail over it.
    init(file: URL?) {
        self.file = file
        guard let file, let data = try? Data(contentsOf: file), data.count < 1 << 24 else { return }
        let stored = data.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONValue(parsing: $0).string }
        lines = Array(stored.suffix(Self.limit))
        if stored.count > 2 * Self.limit { rewrite(file) }
    }

    /// `XDG_STATE_HOME/swiftlet/history`, by default in `~/.local/state`.
    static var usualFile: URL {
        let variables = ProcessInfo.processInfo.environment
        let state =
            variables["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? URL(filePath: $0) : nil }
            ?? URL.homeDirectory.appending(path: ".local/state")
        return state.appending(path: "swiftlet/history", directoryHint: .notDirectory)
    }

    /// Back to the line being typed.
    mutating func leave() {
        position = lines.count
        draft = ""
    }

    mutating func older(than current: String) -> String? {
        guard position > 0 else { return nil }
        if position == lines.count { draft = current }
        position -= 1
        return lines[position]
    }

    mutating func newer() -> String? {
        guard position < lines.count else { return nil }
        position += 1
        return position == lines.count ? draft : lines[position]
    }

    /// Adds a line, unless it is blank, begins with a space (as in shells, for secrets) or was the last one.
    mutating func add(_ line: String) {
        guard line != lines.last, line.first?.isWhitespace == false else { return }
        lines.append(line)
        append(line)
    }

    private func append(_ line: String) {
        guard let file else { return }
        try? FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let descriptor = open(file.path(percentEncoded: false), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // One write, so that two chats at once do not mix their lines.
        let bytes = Array((JSONValue.string(line).text() + "\n").utf8)
        _ = write(descriptor, bytes, bytes.count)
    }

    private func rewrite(_ file: URL) {
        let text = lines.map { JSONValue.string($0).text() + "\n" }.joined()
        let temporary = file.path(percentEncoded: false) + ".\(getpid())"
        guard
            FileManager.default.createFile(
                atPath: temporary, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { return }
        if rename(temporary, file.path(percentEncoded: false)) != 0 { unlink(temporary) }
    }
}
