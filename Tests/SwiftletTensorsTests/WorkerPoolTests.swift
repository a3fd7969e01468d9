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

    /// Each worker's own tasks ascend, and all tasks that began before one failed have smaller numbers.
    @Test(arguments: 1...4)
    func beginsTasksInOrderWhereAsked(threads: Int) {
        let pool = WorkerPool(threads: threads)
        let begun = Mutex<[Int]>([])
        let started = Atomic<Int>(0)
        for _ in 0..<200 {
            begun.withLock { $0 = [] }
            started.store(0, ordering: .relaxed)
            pool.run(40, inOrder: true) { task, _ in
                // As many have begun as there are smaller numbers, but for those that are under way.
                let before = started.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
                begun.withLock { $0.append(task) }
                precondition(abs(before - task) < threads)
            }
            #expect(begun.withLock { Set($0).count == 40 })
        }
    }
}
