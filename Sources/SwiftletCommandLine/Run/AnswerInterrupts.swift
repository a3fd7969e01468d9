import Dispatch
import Foundation
import Synchronization

/// Ctrl-C while a model answers: the first cancels the answer, one more ends the program.
final class AnswerInterrupts: Sendable {
    private let cancel: Cancellation
    // Held so that it goes on; nothing calls it after `init`.
    private nonisolated(unsafe) let source: any DispatchSourceSignal

    /// From now on SIGINT ends the program only while nothing is being answered.
    init() {
        let cancel = Cancellation()
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global(qos: .userInitiated))
        source.setEventHandler { cancel.interrupt() }
        source.activate()
        self.cancel = cancel
    }

    /// The value of `task`, which SIGINT cancels.
    func cancelling<Value: Sendable>(_ task: Task<Value, any Error>) async throws -> Value {
        cancel.action.withLock { $0 = { task.cancel() } }
        defer { cancel.action.withLock { $0 = nil } }
        return try await task.value
    }
}

private final class Cancellation: Sendable {
    let action = Mutex<(@Sendable () -> Void)?>(nil)

    func interrupt() {
        let action = action.withLock { stored in
            defer { stored = nil }
            return stored
        }
        guard let action else { exit(128 + SIGINT) }
        action()
    }
}
