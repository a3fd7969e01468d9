import Foundation

extension Compute {
    /// Measures the machine's limits with this object's threads, in about `seconds`.
    ///
    /// Takes 512 MB of memory for the time, or a sixteenth of what the machine has: more than any cache of a small machine.
    package func peaks(seconds: Double = 2) -> MachinePeaks {
        // Zeroing the memory takes its share of the time.
        let part = seconds / 5
        return MachinePeaks(
            threads: threads, instructionSet: instructionSet.rawValue,
            integer: peak(seconds: part) { kernels, rounds, result in kernels.peakInteger(rounds, &result) },
            float: peak(seconds: part) { kernels, rounds, result in kernels.peakFloat(rounds, &result) },
            bfloat: peak(seconds: part) { kernels, rounds, result in kernels.peakPairs(rounds, &result) },
            bandwidth: bandwidth(seconds: part))
    }

    private typealias Loop = (KernelTable, UInt64, inout Float) -> UInt64

    /// The best rate of `loop` over turns of some 4 ms on all threads, by each thread's own processor time: other work on the
    /// machine changes it little.
    private func peak(seconds: Double, _ loop: @escaping Loop) -> Double {
        var rounds: UInt64 = 64
        while rounds < 1 << 40, Self.timed(kernels, rounds, loop).seconds < 0.004 { rounds *= 2 }
        return best(seconds: seconds) {
            let tally = Tally(workers: threads)
            pool.run(threads) { _, worker in tally.add(Self.timed(kernels, rounds, loop), worker) }
            return tally.rate
        }
    }

    private static func timed(_ kernels: KernelTable, _ rounds: UInt64, _ loop: Loop) -> Tally.Work {
        var result: Float = 0
        let start = processorTime()
        let amount = loop(kernels, rounds, &result)
        return Tally.Work(amount: Double(amount), seconds: processorTime() - start)
    }

    /// What this thread has had of a processor, in seconds.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
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
            let time = ContinuousClock().measure {
                pool.run(pieces) { index, _ in
                    var result: Float = 0
                    kernels.peakRead(places.base + index * piece, piece, &result)
                }
            }
            return Double(pieces * piece) / max(time / .seconds(1), 1e-9)
        }
    }

    /// The best of what `turn` returns, over `seconds`; once at least.
    private func best(seconds: Double, _ turn: () -> Double) -> Double {
        let start = ContinuousClock.now
        var best = 0.0
        repeat { best = max(best, turn()) } while ContinuousClock.now - start < .seconds(seconds) && !Task.isCancelled
        return best
    }
}

private struct Pages: @unchecked Sendable {
    // Sendable: each piece is written by one task.
    let base: UnsafeMutableRawPointer
}

/// What each worker has done, and in what time.
private final class Tally: @unchecked Sendable {
    // Sendable: each worker has an entry of its own, read after all are done.

    struct Work {
        var amount: Double
        var seconds: Double
    }

    private let work: UnsafeMutableBufferPointer<Work>

    init(workers: Int) {
        work = .allocate(capacity: workers)
        work.initialize(repeating: Work(amount: 0, seconds: 0))
    }

    deinit { work.deallocate() }

    func add(_ part: Work, _ worker: Int) {
        work[worker].amount += part.amount
        work[worker].seconds += part.seconds
    }

    /// Of all workers together; one that came too late to get any work counts for nothing.
    var rate: Double { work.reduce(0) { $0 + ($1.seconds > 0 ? $1.amount / $1.seconds : 0) } }
}
