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

    package let tokens: [TokenID]
    package let slices: [Slice]
    /// Rows whose hidden state goes on to the output layer, ascending.
    package let outputs: [Int]

    package init(tokens: [TokenID], slices: [Slice], outputs: [Int]) {
        (self.tokens, self.slices, self.outputs) = (tokens, slices, outputs)
    }

    /// One sequence's next tokens.
    package init(_ tokens: [TokenID], at firstPosition: Int, cache: any KeyValueCache, outputs: [Int]) {
        self.init(
            tokens: tokens, slices: [Slice(rows: 0..<tokens.count, firstPosition: firstPosition, cache: cache)],
            outputs: outputs)
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

    /// The rows of `x` that `batch.outputs` names, gathered.
    package func outputs(of x: FloatMatrix) -> FloatMatrix {
        let gathered = scratch.matrix(rows: batch.outputs.count, columns: x.columns)
        for (target, source) in batch.outputs.enumerated() {
            gathered[row: target].update(from: x[row: source], count: x.columns)
        }
        return gathered
    }
}
