import SwiftletEvaluation
import Synchronization

/// Where a long measurement stands: a line on standard error that redraws itself, or lines where that is asked for.
final class BenchProgress: Sendable {
    private struct State {
        var number = 0
        var name = ""
        var isDrawn = false
    }

    private let tests: Int
    private let printsLines: Bool
    private let state = Mutex(State())

    /// `always`: a line for each run, on a terminal or not.
    init(tests: Int, always: Bool) { (self.tests, printsLines) = (tests, always) }

    func begin(_ test: SpeedTest) {
        state.withLock { state in
            state.number += 1
            state.name = test.name
        }
    }

    func show(_ progress: SpeedProgress) {
        let step =
            switch progress {
            case .depth: "depth"
            case .warmup: "warmup"
            case .run(let run, let count): "run \(run) of \(count)"
            }
        let (number, name) = state.withLock { ($0.number, $0.name) }
        show("test \(number) of \(tests), \(name): \(step)")
    }

    func show(_ text: String) {
        if printsLines { return StandardError.write("swiftlet bench: \(text)\n") }
        guard StandardError.isTerminal else { return }
        state.withLock { $0.isDrawn = true }
        StandardError.write("\r\u{1B}[K\(text)")
    }

    /// Takes the line away, so that a result can be written in its place.
    func clear() {
        let wasDrawn = state.withLock { state in
            defer { state.isDrawn = false }
            return state.isDrawn
        }
        if wasDrawn { StandardError.write("\r\u{1B}[K") }
    }
}
