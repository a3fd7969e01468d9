import Foundation
import Synchronization

/// A bar on standard error that redraws itself; where that is no terminal, a line every few seconds.
final class ProgressLine: Sendable {
    private struct State {
        var bar: ProgressBar?
        var lastDrawn: Double?
    }

    private let label: String
    private let isTerminal = StandardError.isTerminal
    private let state = Mutex(State())

    private init(_ label: String) { self.label = label }

    /// Shows the progress of work that writes a file, and ends the line with it, whatever its end.
    static func during<Value>(
        _ label: String, _ work: (ProgressLine) async throws -> Value
    ) async throws -> Value {
        let line = ProgressLine(label)
        defer { line.end() }
        return try await work(line)
    }

    /// Takes progress in bytes, on any thread.
    func show(_ bytes: Int, of total: Int) {
        let now = Double(DispatchTime.now().uptimeNanoseconds) / 1e9
        state.withLock { state in
            var bar = state.bar ?? ProgressBar(label: label, total: total, bytes: 0, now: now)
            bar.update(bytes: bytes, now: now)
            state.bar = bar
            if isTerminal {
                guard now - (state.lastDrawn ?? 0) > 0.1 || bytes == total else { return }
                StandardError.write("\r\u{1B}[K" + bar.line(width: Self.width - 1))
            } else {
                // None for work that is done soon.
                guard let last = state.lastDrawn, now - last > 3 else {
                    if state.lastDrawn == nil { state.lastDrawn = now }
                    return
                }
                StandardError.write(bar.line(width: 200) + "\n")
            }
            state.lastDrawn = now
        }
    }

    private func end() {
        state.withLock { state in
            if state.bar != nil, isTerminal { StandardError.write("\n") }
            state.bar = nil
        }
    }

    private static var width: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}
