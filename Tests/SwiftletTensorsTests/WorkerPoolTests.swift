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
}
