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
        let registered = DispatchGroup()
        sources = signals.map { [work] number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
            source.setEventHandler { work.interrupt(number) }
            registered.enter()
            source.setRegistrationHandler {
                #if canImport(Darwin)
                // Linux's Dispatch has put a handler of its own there, which must stay.
                signal(number, SIG_IGN)
                #endif
                registered.leave()
            }
            source.activate()
            return source
        }
        // A signal before this moment ends the program, which has begun nothing yet; none is lost.
        registered.wait()
    }

    /// The value of `body`, which the signals cancel.
    func cancelling<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        // Under the lock, so that a signal waits until there is something to cancel.
        let task = work.cancel.withLock { cancel in
            let task = Task { try await body() }
            cancel = { task.cancel() }
            return task
        }
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
