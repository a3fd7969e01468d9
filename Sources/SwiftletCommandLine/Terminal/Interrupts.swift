import Dispatch
import Foundation

/// Ctrl-C as cancellation: a command that keeps its work safe gets the chance to, and a second Ctrl-C ends it at once.
enum Interrupts {
    /// Runs `body` in a task that SIGINT and SIGTERM cancel.
    static func cancelling<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value
    {
        let task = Task { try await body() }
        let queue = DispatchQueue(label: "swiftlet.interrupts")
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if task.isCancelled { exit(130) }
                task.cancel()
            }
            source.resume()
            return source
        }
        defer {
            for source in sources { source.cancel() }
            for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
        }
        return try await task.value
    }
}
