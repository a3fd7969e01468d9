/// A parallel piece of work as a value of plain addresses and numbers.
///
/// The threads of a pool get its address: handing it out allocates nothing (a closure would need a box), and no thread counts
/// references that the others count too.
package protocol ParallelWork {
    /// Does one task; `worker` names the memory that it may use.
    func callAsFunction(task: Int, worker: Int)

    /// The same for the work that lies at `address`; the default serves all.
    static func perform(at address: UnsafeRawPointer, task: Int, worker: Int)
}

extension ParallelWork {
    package static func perform(at address: UnsafeRawPointer, task: Int, worker: Int) {
        address.assumingMemoryBound(to: Self.self).pointee(task: task, worker: worker)
    }
}

/// Work on each row alone, as such a value.
package protocol RowWork {
    func callAsFunction(row: Int)
}

/// Rows in chunks, a task each.
struct RowChunks<Rows: RowWork>: ParallelWork {
    let rows: Rows
    let count: Int
    let chunk: Int

    var tasks: Int { (count + chunk - 1) / chunk }

    func callAsFunction(task: Int, worker: Int) {
        for row in task * chunk..<min((task + 1) * chunk, count) { rows(row: row) }
    }
}

/// A closure as work, for those who may allocate.
struct ClosureWork: ParallelWork {
    let body: (_ task: Int, _ worker: Int) -> Void

    func callAsFunction(task: Int, worker: Int) { body(task, worker) }
}
