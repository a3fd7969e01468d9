import Synchronization
import Testing

import SwiftletTensors

@Suite struct WorkerPoolTests {
    @Test(arguments: 1...5)
    func runsEachTaskOnce(threads: Int) {
        let pool = WorkerPool(threads: threads)
        for tasks in [0, 1, 2, 3, 7, 64, 1000] {
            let memory = AlignedBuffer(count: tasks, of: Int.self)
            let buffer = memory.elements(Int.self)
            for _ in 0..<50 {
                pool.run(tasks) { task, worker in
                    precondition(worker < threads)
                    buffer[task] += 1
                }
            }
            #expect(withExtendedLifetime(memory) { buffer.allSatisfy { $0 == 50 } })
        }
    }

    /// Work as a value, the way model steps are run.
    @Test(arguments: 1...4)
    func runsWorkThatIsAValue(threads: Int) {
        struct Counting: ParallelWork {
            let counts: UnsafeMutablePointer<Int>
            func callAsFunction(task: Int, worker: Int) { counts[task] += 1 }
        }
        let pool = WorkerPool(threads: threads)
        let memory = AlignedBuffer(count: 100, of: Int.self)
        let buffer = memory.elements(Int.self)
        for _ in 0..<200 { pool.run(100, Counting(counts: buffer.baseAddress!)) }
        #expect(withExtendedLifetime(memory) { buffer.allSatisfy { $0 == 200 } })
    }

    /// Each worker's own tasks ascend. (Between workers nothing can be counted from outside: one that has taken a task may
    /// lose its core before it begins.)
    @Test(arguments: 1...4)
    func takesTasksInOrderWhereAsked(threads: Int) {
        let pool = WorkerPool(threads: threads)
        for _ in 0..<200 {
            let taken = Mutex([[Int]](repeating: [], count: threads))
            pool.run(40, inOrder: true) { task, worker in taken.withLock { $0[worker].append(task) } }
            let all = taken.withLock { $0 }
            #expect(all.allSatisfy { $0 == $0.sorted() })
            #expect(all.flatMap { $0 }.sorted() == Array(0..<40))
        }
    }
}
