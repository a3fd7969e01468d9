import Foundation
import Synchronization

/// Long work on a thread of its own, so that no thread of Swift's concurrency pool waits for it.
enum OwnThread {
    /// Runs `body`, which asks its argument now and then whether the calling task was cancelled.
    static func run<Result: Sendable>(
        _ body: @escaping @Sendable (_ isCancelled: @escaping @Sendable () -> Bool) throws -> Result
    ) async throws -> Result {
        let flag = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let thread = Thread {
                    continuation.resume(with: Swift.Result { try body { flag.isRaised } })
                }
                thread.name = "swiftlet-quantizer"
                thread.stackSize = 4 << 20
                thread.start()
            }
        } onCancel: {
            flag.raise()
        }
    }
}

/// Says from one thread to others that the work shall end.
final class CancellationFlag: Sendable {
    private let state = Atomic<Bool>(false)

    var isRaised: Bool { state.load(ordering: .relaxed) }
    func raise() { state.store(true, ordering: .relaxed) }
}
