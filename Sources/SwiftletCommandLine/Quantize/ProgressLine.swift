import Foundation
import Synchronization

/// A bar on standard error that redraws itself; nothing where that is no terminal.
final class ProgressLine: Sendable {
    private struct State {
        var bar: ProgressBar?
        var lastDrawn = -1.0
    }

    private let label: String
    private let state = Mutex(State())

    init(_ label: String) { self.label = label }

    /// Takes progress in bytes, on any thread.
    func show(_ bytes: Int, of total: Int) {
        guard StandardError.isTerminal else { return }
        let now = Double(DispatchTime.now().uptimeNanoseconds) / 1e9
        state.withLock { state in
            var bar = state.bar ?? ProgressBar(label: label, total: total, bytes: 0, now: now)
            bar.update(bytes: bytes, now: now)
            state.bar = bar
            guard now - state.lastDrawn > 0.1 || bytes == total else { return }
            state.lastDrawn = now
            StandardError.write("\r\u{1B}[K" + bar.line(width: Self.width - 1))
        }
    }

    /// Ends the line, if there is one.
    func end() {
        state.withLock { state in
            if state.bar != nil { StandardError.write("\n") }
            state.bar = nil
        }
    }

    private static var width: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}
