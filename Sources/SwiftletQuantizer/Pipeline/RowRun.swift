import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Synchronization

/// Does something with all pieces of a work on a few threads, until one of them fails or the caller has enough.
final class RowRun: @unchecked Sendable {
    // Sendable: what changes is in `state` and `stop`.

    private struct State {
        var elements = 0
        var bytes = 0
        /// What went wrong first, in the order of pieces.
        var failure: (piece: Int, error: any Error)?
    }

    let work: RowWork
    private let progress: @Sendable (QuantizationProgress) -> Void
    private let isCancelled: @Sendable () -> Bool
    private let stop = CancellationFlag()
    private let state = Mutex(State())

    init(
        _ work: RowWork, progress: @escaping @Sendable (QuantizationProgress) -> Void,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        (self.work, self.progress, self.isCancelled) = (work, progress, isCancelled)
    }

    /// Calls `body(number, piece, worker)` once for each piece.
    ///
    /// Pieces are begun in order and each that has begun is ended, so the error that is thrown, the first in that order, is
    /// the same with any number of threads. Throws `CancellationError` if the caller said so.
    func run(_ body: (_ number: Int, _ piece: RowWork.Piece, _ worker: Int) throws -> Void) throws {
        let pool = WorkerPool(threads: work.threads)
        pool.run(work.pieceCount, inOrder: true) { number, worker in
            if stop.isRaised { return }
            if isCancelled() { return stop.raise() }
            let piece = work[number]
            do {
                try body(number, piece, worker)
                report(piece)
            } catch {
                state.withLock { state in
                    if number < state.failure?.piece ?? .max { state.failure = (number, error) }
                }
                stop.raise()
            }
        }
        if let failure = state.withLock({ $0.failure }) { throw failure.error }
        if stop.isRaised { throw CancellationError() }
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
