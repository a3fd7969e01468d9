package import SwiftletTensors
package import SwiftletTokenizers

/// The tokens of one model step: rows of one or more sequences, and which rows' results are wanted.
package struct Batch {
    /// Consecutive rows that continue one sequence.
    package struct Slice {
        package let rows: Range<Int>
        /// Position of the first row in its sequence; the rows before it are in the cache already.
        package let firstPosition: Int
        package let cache: any KeyValueCache

        package init(rows: Range<Int>, firstPosition: Int, cache: any KeyValueCache) {
            (self.rows, self.firstPosition, self.cache) = (rows, firstPosition, cache)
        }
    }

    package private(set) var tokens: [TokenID] = []
    package private(set) var slices: [Slice] = []
    /// Rows whose hidden state goes on to the output layer, ascending.
    package private(set) var outputs: [Int] = []

    package init() {}

    package init(tokens: [TokenID], slices: [Slice], outputs: [Int]) {
        (self.tokens, self.slices, self.outputs) = (tokens, slices, outputs)
    }

    /// One sequence's next tokens.
    package init(_ tokens: [TokenID], at firstPosition: Int, cache: any KeyValueCache, outputs: [Int]) {
        append(tokens, at: firstPosition, cache: cache, outputs: outputs)
    }

    /// Empties the batch and keeps its memory, so that a step like the last one allocates nothing.
    package mutating func removeAll() {
        tokens.removeAll(keepingCapacity: true)
        slices.removeAll(keepingCapacity: true)
        outputs.removeAll(keepingCapacity: true)
    }

    /// Adds one sequence's next tokens; `wanted` counts from the first of them.
    package mutating func append(
        _ next: some Collection<TokenID>, at firstPosition: Int, cache: any KeyValueCache,
        outputs wanted: some Sequence<Int>
    ) {
        let start = tokens.count
        tokens.append(contentsOf: next)
        slices.append(Slice(rows: start..<tokens.count, firstPosition: firstPosition, cache: cache))
        for row in wanted { outputs.append(start + row) }
    }
}

extension Batch {
    /// The rows in `outputs` alone: the same sequences, in a slice for each run of neighbours.
    func narrowed() -> Batch {
        var slices: [Slice] = []
        var next = 0
        for slice in self.slices {
            while next < outputs.count, slice.rows.contains(outputs[next]) {
                let start = next
                repeat {
                    next += 1
                } while next < outputs.count && slice.rows.contains(outputs[next])
                    && outputs[next] == outputs[next - 1] + 1
                slices.append(
                    Slice(
                        rows: start..<next, firstPosition: slice.firstPosition + outputs[start] - slice.rows.lowerBound,
                        cache: slice.cache))
            }
        }
        return Batch(tokens: outputs.map { tokens[$0] }, slices: slices, outputs: Array(outputs.indices))
    }
}

/// Sees what goes into the weights of a model step, for those who measure it.
package protocol MatmulObserver: AnyObject {
    /// `x` `[tokens, inputs]` is multiplied by each of `weights`: whole tensors of the file, experts, or parts of fused ones.
    func observe(_ x: FloatMatrix, _ weights: [TensorView])
}

/// What a layer needs to run: the batch, where its positions lie, the machine and memory for intermediate results.
package struct ForwardPass {
    package let batch: Batch
    package let compute: Compute
    package let scratch: Scratch
    /// Who sees the inputs of weights; nil in normal runs.
    package let observer: (any MatmulObserver)?
    /// Position of each row in its sequence, which is also its cell in the cache.
    package let positions: UnsafeBufferPointer<Int32>

    package init(_ batch: Batch, compute: Compute, scratch: Scratch, observer: (any MatmulObserver)? = nil) {
        (self.batch, self.compute, self.scratch, self.observer) = (batch, compute, scratch, observer)
        let positions = scratch.integers(batch.tokens.count)
        for slice in batch.slices {
            for row in slice.rows { positions[row] = Int32(slice.firstPosition + row - slice.rows.lowerBound) }
        }
        self.positions = UnsafeBufferPointer(positions)
    }

    package var rows: Int { batch.tokens.count }

    /// A matrix of `rows` x `columns` from scratch memory; what was in it is undefined.
    package func matrix(columns: Int) -> FloatMatrix { scratch.matrix(rows: rows, columns: columns) }

    /// Runs `body` and gives back the scratch memory that it took.
    package func scoped(_ body: () -> Void) {
        let mark = scratch.mark
        body()
        scratch.release(to: mark)
    }

    /// The input embeddings of the batch, `[rows, embeddingLength]`.
    package func embed(_ table: TensorView) -> FloatMatrix {
        let x = matrix(columns: table.columns)
        batch.tokens.withUnsafeBufferPointer { compute.embed($0, table: table, into: x) }
        return x
    }

    /// The rows of `x` that `batch.outputs` names, gathered; `x` itself if they are all.
    package func outputs(of x: FloatMatrix) -> FloatMatrix {
        guard batch.outputs.count < x.rows else { return x }
        let gathered = scratch.matrix(rows: batch.outputs.count, columns: x.columns)
        for (target, source) in batch.outputs.enumerated() {
            gathered[row: target].update(from: x[row: source], count: x.columns)
        }
        return gathered
    }

    /// The rows that the last layer goes on with; nil if they are all, or an observer wants to see all.
    package func lastRows(columns: Int) -> LastRows? {
        guard batch.outputs.count < rows, observer == nil else { return nil }
        let part = ForwardPass(batch.narrowed(), compute: compute, scratch: scratch)
        let stream = ResidualStream(part.matrix(columns: columns), delta: part.matrix(columns: columns))
        return LastRows(pass: part, stream: stream, rows: batch.outputs)
    }
}
