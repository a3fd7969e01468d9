/// How weights are multiplied.
public enum Arithmetic: String, Sendable, CaseIterable {
    /// In the kernels' own arithmetic: activations of quantized weights in int8 blocks.
    case fast
    /// Weights decoded to F32, F32 dot products.
    case exact
}

/// The operations of a model step: worker threads, their scratch memory, and the kernels that they run.
///
/// One caller at a time. A result row depends on its input rows alone: not on the number of threads, the other rows of the
/// call, or the instruction set. Shapes that do not fit are programming errors and stop the program with both shapes.
package final class Compute: @unchecked Sendable {
    // Sendable: one caller at a time (its owner's duty); inside a call each worker has memory of its own.

    package let arithmetic: Arithmetic
    package let instructionSet: InstructionSet
    package var threads: Int { pool.threadCount }

    let pool: WorkerPool
    let kernels: KernelTable
    let rotations = RotationCache()
    var attentionPlan = AttentionPlan()

    /// What all workers read in a call: quantized and rounded activations, attention's partials.
    private var shared = [AlignedBuffer](repeating: AlignedBuffer(byteCount: 0), count: 3)
    private var own: AlignedBuffer
    private var ownBytes = 0

    /// `instructionSet`: nil for the fastest; one that this machine lacks stops the program.
    package init(threads: Int, arithmetic: Arithmetic = .fast, instructionSet: InstructionSet? = nil) {
        self.arithmetic = arithmetic
        self.instructionSet = instructionSet ?? .best
        kernels = KernelTable(self.instructionSet)
        pool = WorkerPool(threads: threads)
        own = AlignedBuffer(byteCount: 0)
    }

    enum Shared: Int { case quantized, rounded, partials }

    /// Memory that all workers read; kept, and replaced when more is needed.
    func memory(_ part: Shared, bytes: Int) -> UnsafeMutableRawPointer {
        if shared[part.rawValue].bytes.count < max(bytes, 1) {
            shared[part.rawValue] = AlignedBuffer(byteCount: grown(bytes))
        }
        return Self.start(shared[part.rawValue])
    }

    /// Makes each worker's own memory at least this large; call before the parallel part.
    func reserveScratch(bytes: Int) {
        guard ownBytes < max(bytes, 1) else { return }
        ownBytes = (grown(bytes) + 4095) & ~4095
        own = AlignedBuffer(byteCount: ownBytes * threads)
    }

    /// The workers' own memory as plain addresses.
    var workerMemory: WorkerMemory { WorkerMemory(base: Self.start(own), bytes: ownBytes) }

    func scratch(_ worker: Int) -> UnsafeMutableRawPointer { workerMemory[worker] }

    private func grown(_ bytes: Int) -> Int { max(bytes + bytes / 4, 4096) }

    private static func start(_ buffer: AlignedBuffer) -> UnsafeMutableRawPointer {
        guard let start = buffer.bytes.baseAddress else { preconditionFailure("an empty buffer") }
        return start
    }

    /// Calls `body` for each of `count` rows; in parallel where `count * cost` (floats touched) is worth waking threads.
    package func eachRow(_ count: Int, cost: Int, _ body: (Int) -> Void) {
        guard let chunk = chunk(count, cost) else {
            for row in 0..<count { body(row) }
            return
        }
        pool.run((count + chunk - 1) / chunk) { task, _ in
            for row in task * chunk..<min((task + 1) * chunk, count) { body(row) }
        }
    }

    /// The same for work that is a value: allocates nothing.
    package func eachRow(_ count: Int, cost: Int, _ rows: some RowWork) {
        guard let chunk = chunk(count, cost) else {
            for row in 0..<count { rows(row: row) }
            return
        }
        let chunks = RowChunks(rows: rows, count: count, chunk: chunk)
        pool.run(chunks.tasks, chunks)
    }

    /// Rows of a task; nil where one thread does it sooner alone.
    private func chunk(_ count: Int, _ cost: Int) -> Int? {
        guard count * cost > 16_384, threads > 1, count > 1 else { return nil }
        return max(1, min(count / (threads * 4), 65_536 / max(cost, 1)))
    }
}

/// Memory of each worker's own.
struct WorkerMemory {
    let base: UnsafeMutableRawPointer
    let bytes: Int

    subscript(worker: Int) -> UnsafeMutableRawPointer { base + worker * bytes }
}
