import Foundation
import SwiftletLibrary
import Synchronization

/// Shows a pull's events: a bar that redraws itself on a terminal, a few lines elsewhere, or JSON lines for programs.
final class PullReporter: Sendable {
    enum Style { case bar, lines, json }

    private struct State {
        var bar: ProgressBar?
        var isDrawn = false
        var lastDrawn = 0.0
        /// The last tenth that a line was printed for.
        var lastTenth = -1
    }

    private let style: Style
    private let state = Mutex(State())

    init(json: Bool) {
        style = json ? .json : StandardError.isTerminal ? .bar : .lines
    }

    /// Takes an event, on any thread.
    func report(_ event: PullEvent) {
        state.withLock { state in
            if style == .json { json(event, &state) } else { text(event, &state) }
        }
    }

    private func text(_ event: PullEvent, _ state: inout State) {
        let now = Self.now
        switch event {
        case .trying(let source): print("trying \(source.cut(to: 120))", &state)
        case .sourceFailed(_, let reason): print("  failed: \(reason)", &state)
        case .waiting(let what): print("waiting for another swiftlet that pulls \(what)", &state)
        case .started(let file, let total, let resumed):
            if resumed > 0 { print("going on after \(resumed.asBytes)", &state) }
            state.bar = ProgressBar(label: file, total: total, bytes: resumed, now: now)
            state.lastTenth = -1
            draw(&state, now, always: style == .bar)
        case .progress(_, let bytes, let total):
            state.bar?.update(bytes: bytes, now: now)
            draw(&state, now, always: total == bytes)
        case .retrying(_, let seconds, let reason):
            print("\(reason); again in \(String(format: "%.1f", seconds)) s", &state)
        case .verifying: break
        case .upToDate(let name): print("\(name) is up to date", &state)
        case .finished(let name, let bytes): print("\(name) is ready (\(bytes.asBytes))", &state)
        }
    }

    private func draw(_ state: inout State, _ now: Double, always: Bool) {
        guard let bar = state.bar else { return }
        if style == .bar {
            guard always || now - state.lastDrawn > 0.1 else { return }
            StandardError.write("\r\u{1B}[K" + bar.line(width: Self.width - 1))
            (state.isDrawn, state.lastDrawn) = (true, now)
        } else if let tenth = bar.tenth, tenth > state.lastTenth || (tenth < 0 && now - state.lastDrawn > 5) {
            StandardError.write(bar.line(width: 200) + "\n")
            (state.lastTenth, state.lastDrawn) = (tenth, now)
        }
    }

    private func print(_ text: String, _ state: inout State) {
        StandardError.write((state.isDrawn ? "\n" : "") + text + "\n")
        state.isDrawn = false
    }

    private func json(_ event: PullEvent, _ state: inout State) {
        if case .progress(_, let bytes, let total) = event, bytes != total {
            let now = Self.now
            guard now - state.lastDrawn > 0.2 else { return }
            state.lastDrawn = now
        }
        guard let line = try? JSONEncoder.lines.encode(PullEventLine(event)) else { return }
        try? StandardOutput.write(Array(line) + [UInt8(ascii: "\n")])
    }

    private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    private static var width: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}

extension ProgressBar {
    /// Tenths of the whole; -1 if the whole is unknown.
    fileprivate var tenth: Int? { share.map { Int($0 * 10) } ?? -1 }
}

extension JSONEncoder {
    /// One line a value, keys sorted.
    fileprivate static var lines: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
