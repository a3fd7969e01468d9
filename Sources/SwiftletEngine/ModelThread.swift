import Foundation

/// The thread on which an actor's model steps run, as its executor: the Swift concurrency pool never blocks
/// on a step.
package final class ModelThread: SerialExecutor, @unchecked Sendable {
    // Sendable: `jobs` and `stopping` are touched only under `condition`, `current` only on the thread.

    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    /// The jobs that the thread is doing; its own, and kept for its memory.
    private var current: [UnownedJob] = []
    private var stopping = false

    package init(name: String) {
        let thread = Thread { [self] in work() }
        thread.name = name
        thread.start()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.lock()
        jobs.append(job)
        condition.signal()
        condition.unlock()
    }

    /// The thread ends once the jobs that it has are done.
    package func stop() {
        condition.lock()
        stopping = true
        condition.signal()
        condition.unlock()
    }

    private func work() {
        while takeJobs() {
            for job in current { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }

    /// Waits for jobs and takes all that there are; false when the thread is to end.
    private func takeJobs() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while jobs.isEmpty {
            if stopping { return false }
            condition.wait()
        }
        current.removeAll(keepingCapacity: true)
        swap(&jobs, &current)
        return true
    }
}
