import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Synchronization

/// Does something with all pieces of a work on a few threads, until one of them fails or the caller has enough.
final class RowRun: @unchecked Sendable {
    // Sendable: what changes is in `state` and atomics.

    private struct State {
        var elements = 0
        var bytes = 0
        /// What went wrong first, in the order of pieces.
        var failure: (piece: Int, error: any Error)?
    }

    let work: RowWork
    private let progress: @Sendable (QuantizationProgress) -> Void
    private let isCancelled: @Sendable () -> Bool
    private let cancelled = CancellationFlag()
    /// The first piece that failed, as far as is known.
    private let firstFailure = Atomic<Int>(.max)
    private let state = Mutex(State())

    init(
        _ work: RowWork, progress: @escaping @Sendable (QuantizationProgress) -> Void,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        (self.work, self.progress, self.isCancelled) = (work, progress, isCancelled)
    }

    /// Calls `body(number, piece, worker)` once for each piece.
    ///
    /// Once a piece has failed those after it are left out, but none before it, so the error that is thrown, the first in
    /// their order, is the same with any number of threads. Throws `CancellationError` if the caller said so.
    func run(_ body: (_ number: Int, _ piece: RowWork.Piece, _ worker: Int) throws -> Void) throws {
        let pool = WorkerPool(threads: work.threads)
        pool.run(work.pieceCount, inOrder: true) { number, worker in
            if cancelled.isRaised || number > firstFailure.load(ordering: .relaxed) { return }
            if isCancelled() { return cancelled.raise() }
            let piece = work[number]
            do {
                try body(number, piece, worker)
                report(piece)
            } catch {
                state.withLock { state in
                    guard number < state.failure?.piece ?? .max else { return }
                    state.failure = (number, error)
                    firstFailure.store(number, ordering: .relaxed)
                }
            }
        }
        if cancelled.isRaised { throw CancellationError() }
        if let failure = state.withLock({ $0.failure }) { throw failure.error }
    }

    private func report(_ piece: RowWork.Piece) {
        // Inside the lock, so that calls come one at a time and never tell less than before.
        state.withLock { state in
            state.elements += piece.rows.count * piece.tensor.columns
            state.bytes += piece.rows.count * piece.tensor.type.bytes(elements: piece.tensor.columns)
            progress(
                QuantizationProgress(
                    tensor: piece.tensor.name, elements: state.elements, totalElements: work.totalElements,
                    bytes: state.bytes, totalBytes: work.totalBytes))
        }
    }
}
