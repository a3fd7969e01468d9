import Foundation
import Synchronization

/// Swiftlet's own threads for the work of one model step: they spin briefly for the next job and then sleep, and never
/// belong to the Swift concurrency pool.
///
/// The caller of `run` works too, so a pool of `n` threads starts `n - 1`. Each worker has a run of neighbouring tasks of its
/// own, takes them one by one and then helps the others, so that a core that is slow for a while does fewer of them, and
/// memory is read in order. A helper that has not woken up yet is not waited for.
package final class WorkerPool: Sendable {
    package let threadCount: Int
    private let crew: Crew

    package init(threads: Int) {
        precondition(threads > 0, "a pool of \(threads) threads")
        threadCount = threads
        let crew = Crew(workers: threads)
        self.crew = crew
        for worker in 1..<max(threads, 1) {
            let thread = Thread { crew.serve(worker: worker) }
            thread.name = "swiftlet-\(worker)"
            thread.start()
        }
    }

    deinit { crew.stop() }

    /// Calls `body(task, worker)` once for each task in `0..<tasks`, on all threads; returns when all are done.
    ///
    /// `worker` is in `0..<threadCount` and names the scratch memory that a task may use. Which worker gets which task is
    /// not fixed, so results must not depend on it. `inOrder`: tasks are begun in ascending order by whoever is free, as suits
    /// streams and files. One caller at a time.
    package func run(_ tasks: Int, inOrder: Bool = false, _ body: (_ task: Int, _ worker: Int) -> Void) {
        if threadCount == 1 || tasks <= 1 {
            for task in 0..<tasks { body(task, 0) }
            return
        }
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: ClosureWork(body: body)) {
                crew.perform(tasks, runs: inOrder ? 1 : threadCount, Job(ClosureWork.self, at: $0))
            }
        }
    }

    /// The same for work that is a value: allocates nothing.
    package func run<Work: ParallelWork>(_ tasks: Int, _ work: Work) {
        if threadCount == 1 || tasks <= 1 {
            for task in 0..<tasks { work(task: task, worker: 0) }
            return
        }
        withUnsafePointer(to: work) { crew.perform(tasks, runs: threadCount, Job(Work.self, at: $0)) }
    }
}

/// What to call, and where it lies: two words and an address, nothing that counts references.
private struct Job {
    let work: any ParallelWork.Type
    let address: UnsafeRawPointer

    init<Work: ParallelWork>(_ work: Work.Type, at address: UnsafePointer<Work>) {
        (self.work, self.address) = (work, UnsafeRawPointer(address))
    }
}

/// What the threads of a pool share. `word` is the whole protocol: bits 32 and up count jobs (odd: open), the low bits count
/// the helpers inside the open job.
private final class Crew: @unchecked Sendable {
    // Sendable: `job` and the shares' ends are written only while the job is closed and no helper is inside, published by
    // the releasing store that opens the job, and read only by helpers that joined it (acquiring).

    private let word = Atomic<UInt64>(0)
    private let sleepers = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    private let condition = NSCondition()
    private let shares: Shares
    private var job: Job?

    /// About a tenth of a millisecond: longer than what one thread does alone between two operations of a model step.
    /// Sleeping and waking costs as much.
    private static let spins = 50_000

    init(workers: Int) { shares = Shares(workers: workers) }

    func perform(_ tasks: Int, runs: Int, _ job: Job) {
        self.job = job
        shares.deal(tasks, runs: runs)
        let open = (word.load(ordering: .relaxed) >> 32 | 1) << 32
        word.store(open, ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
            condition.lock()
            condition.broadcast()
            condition.unlock()
        }
        drain(worker: 0)
        var waited = 0
        while word.load(ordering: .relaxed) != open
            || !word.compareExchange(expected: open, desired: open + 1 << 32, ordering: .acquiringAndReleasing)
                .exchanged
        {
            waited += 1
            // A helper that lost its core to another process may need it back from us.
            if waited > Self.spins { sched_yield() }
        }
        self.job = nil
    }

    func serve(worker: Int) {
        var served: UInt64 = 0
        while let job = nextJob(after: served) {
            served = job >> 32
            var seen = job
            while seen >> 32 == served {
                let (joined, original) = word.weakCompareExchange(
                    expected: seen, desired: seen + 1, ordering: .acquiringAndReleasing)
                if joined {
                    drain(worker: worker)
                    word.wrappingSubtract(1, ordering: .releasing)
                    break
                }
                seen = original
            }
        }
    }

    func stop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }

    private func drain(worker: Int) {
        guard let job else { return }
        while let task = shares.take(for: worker) { job.work.perform(at: job.address, task: task, worker: worker) }
    }

    /// The word of an open job other than `served`, or nil when the pool stops.
    private func nextJob(after served: UInt64) -> UInt64? {
        func openJob() -> UInt64? {
            let now = word.load(ordering: .sequentiallyConsistent)
            return now >> 32 & 1 == 1 && now >> 32 != served ? now : nil
        }
        for _ in 0..<Self.spins {
            if let job = openJob() { return job }
        }
        condition.lock()
        defer { condition.unlock() }
        sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
        defer { sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
        while true {
            if stopping.load(ordering: .sequentiallyConsistent) { return nil }
            if let job = openJob() { return job }
            condition.wait()
        }
    }
}

/// Each worker's run of tasks. A worker whose own is used up takes from the next one's.
private final class Shares: @unchecked Sendable {
    // Sendable: see Crew; the memory belongs to this object.

    private struct Share: ~Copyable {
        let next = Atomic<Int>(0)
        var end = 0
    }

    private let workers: Int
    private let memory: UnsafeMutableRawPointer
    /// Far enough apart that no two shares lie in one cache line, or in two that are fetched together.
    private static let stride = 128

    init(workers: Int) {
        self.workers = workers
        memory = .allocate(byteCount: workers * Self.stride, alignment: Self.stride)
        for worker in 0..<workers { share(worker).initialize(to: Share()) }
    }

    deinit {
        for worker in 0..<workers { share(worker).deinitialize(count: 1) }
        memory.deallocate()
    }

    /// Cuts the tasks into `runs` of neighbours, for the first so many workers.
    func deal(_ tasks: Int, runs: Int) {
        for worker in 0..<workers {
            share(worker).pointee.next.store(tasks * min(worker, runs) / runs, ordering: .relaxed)
            share(worker).pointee.end = tasks * min(worker + 1, runs) / runs
        }
    }

    func take(for worker: Int) -> Int? {
        for turn in 0..<workers {
            let share = share((worker + turn) % workers)
            // Looked at first: a used-up share is not written to again and again.
            while share.pointee.next.load(ordering: .relaxed) < share.pointee.end {
                let task = share.pointee.next.wrappingAdd(1, ordering: .relaxed).oldValue
                if task < share.pointee.end { return task }
            }
        }
        return nil
    }

    private func share(_ worker: Int) -> UnsafeMutablePointer<Share> {
        (memory + worker * Self.stride).assumingMemoryBound(to: Share.self)
    }
}
