import SwiftletGround
import Synchronization

/// Whether the server takes requests: not before the models that it was to load are there, and not once it was told to stop.
final class Readiness: Sendable {
    private struct State {
        var loading: [String]
        var isStopping = false
        var isInterrupted = false
    }

    private let state: Mutex<State>

    init(loading: [String]) { state = Mutex(State(loading: loading)) }

    /// Why the server is not ready; nil if it is.
    var obstacle: String? {
        state.withLock { state in
            if state.isStopping { return "the server is stopping" }
            return state.loading.first.map { "Loading model \($0)" }
        }
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    func loaded(_ model: String) { state.withLock { $0.loading.removeAll { $0 == model } } }
    func stop() { state.withLock { $0.isStopping = true } }

    /// Running requests are being ended.
    func interrupt() { state.withLock { ($0.isStopping, $0.isInterrupted) = (true, true) } }

    /// What to tell the client of a request that ended with `error`.
    func cause(of error: any Error) -> any Error {
        error is CancellationError && state.withLock { $0.isInterrupted } ? ServerError.stopping : error
    }
}

extension ServerError {
    /// The server ends before the answer.
    static var stopping: Self { Self(.stopping, "the server is stopping") }
}
