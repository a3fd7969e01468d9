import Foundation

extension Compute {
    /// Measures the machine's limits with this object's threads, in about `seconds`.
    ///
    /// Takes 512 MB of memory for the time, or a sixteenth of what the machine has: more than any cache of a small machine.
    package func peaks(seconds: Double = 2) -> MachinePeaks {
        // Zeroing the memory takes its share of the time.
        let part = seconds / 4
        return MachinePeaks(
            threads: threads, instructionSet: instructionSet.rawValue,
            integer: peak(seconds: part) { kernels, rounds, result in kernels.peakInteger(rounds, &result) },
            float: peak(seconds: part) { kernels, rounds, result in kernels.peakFloat(rounds, &result) },
            bandwidth: bandwidth(seconds: part))
    }

    private typealias Loop = (KernelTable, UInt64, inout Float) -> UInt64

    /// The best rate of `loop` over turns of some 4 ms on all threads.
    private func peak(seconds: Double, _ loop: @escaping Loop) -> Double {
        var (rounds, result) = (UInt64(64), Float(0))
        while rounds < 1 << 40, time({ _ = loop(kernels, rounds, &result) }) < 0.004 { rounds *= 2 }
        return best(seconds: seconds) {
            let done = Tally(workers: threads)
            pool.run(threads) { _, worker in
                var result: Float = 0
                done.add(loop(kernels, rounds, &result), worker)
            }
            return done.total
        }
    }

    private func bandwidth(seconds: Double) -> Double {
        let page = 4096, piece = 1024 * page
        let wanted = min(512 << 20, Int(clamping: ProcessInfo.processInfo.physicalMemory / 16))
        let pieces = max(wanted / piece, threads)
        let memory = AlignedBuffer(byteCount: pieces * piece)
        guard let base = memory.bytes.baseAddress else { return 0 }
        let places = Pages(base: base)
        // Pages that were never written are all the same one, which lies in the cache.
        pool.run(pieces) { index, _ in
            for offset in stride(from: 0, to: piece, by: page) {
                places.base.storeBytes(of: UInt8(1), toByteOffset: index * piece + offset, as: UInt8.self)
            }
        }
        return best(seconds: seconds) { [kernels] in
            pool.run(pieces) { index, _ in
                var result: Float = 0
                kernels.peakRead(places.base + index * piece, piece, &result)
            }
            return UInt64(pieces * piece)
        }
    }

    /// The best of `turn`'s returned amounts a second, over `seconds`.
    private func best(seconds: Double, _ turn: () -> UInt64) -> Double {
        let start = ContinuousClock.now
        var best = 0.0
        repeat {
            var amount: UInt64 = 0
            let taken = time { amount = turn() }
            best = max(best, Double(amount) / max(taken, 1e-9))
        } while ContinuousClock.now - start < .seconds(seconds)
        return best
    }

    private func time(_ body: () -> Void) -> Double { ContinuousClock().measure(body) / .seconds(1) }
}

private struct Pages: @unchecked Sendable {
    // Sendable: each piece is written by one task.
    let base: UnsafeMutableRawPointer
}

/// What each worker has done.
private final class Tally: @unchecked Sendable {
    // Sendable: each worker has a counter of its own, read after all are done.
    private let counts: UnsafeMutableBufferPointer<UInt64>

    init(workers: Int) {
        counts = .allocate(capacity: workers)
        counts.initialize(repeating: 0)
    }

    deinit { counts.deallocate() }

    func add(_ amount: UInt64, _ worker: Int) { counts[worker] += amount }

    var total: UInt64 { counts.reduce(0, +) }
}
