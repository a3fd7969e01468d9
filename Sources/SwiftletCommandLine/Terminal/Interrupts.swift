import Dispatch
import Foundation
import Synchronization

/// Ctrl-C as cancellation: the first cancels the work that is going on, one more ends the program.
final class Interrupts: Sendable {
    private let work = CancellableWork()
    // Held so that they go on; nothing calls them after `init`.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    /// From now on these signals end the program only while no work is going on.
    init(_ signals: Int32...) {
        sources = signals.map { [work] number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
            source.setEventHandler { work.interrupt(number) }
            source.activate()
            return source
        }
    }

    /// The value of `task`, which the signals cancel.
    func cancelling<Value: Sendable>(_ task: Task<Value, any Error>) async throws -> Value {
        work.cancel.withLock { $0 = { task.cancel() } }
        defer { work.cancel.withLock { $0 = nil } }
        return try await task.value
    }
}

private final class CancellableWork: Sendable {
    let cancel = Mutex<(@Sendable () -> Void)?>(nil)

    func interrupt(_ signal: Int32) {
        let cancel = cancel.withLock { stored in
            defer { stored = nil }
            return stored
        }
        guard let cancel else { exit(128 + signal) }
        cancel()
    }
}
