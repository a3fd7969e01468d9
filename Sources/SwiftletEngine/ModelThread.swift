import Foundation

/// The thread on which an actor's model steps run, as its executor: the Swift concurrency pool never blocks
/// on a step.
package final class ModelThread: SerialExecutor, @unchecked Sendable {
    // Sendable: `jobs` and `stopping` are touched only under `condition`.

    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
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
        while let batch = next() {
            for job in batch { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }

    private func next() -> [UnownedJob]? {
        condition.lock()
        defer { condition.unlock() }
        while jobs.isEmpty {
            if stopping { return nil }
            condition.wait()
        }
        defer { jobs.removeAll(keepingCapacity: true) }
        return jobs
    }
}
