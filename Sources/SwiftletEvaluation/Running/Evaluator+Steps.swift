import SwiftletEngine
import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers

// What all measurements are made of: hidden states of chunks, and logits of hidden states.
extension Evaluator {
    /// Chunks whose hidden states are held at a time: some 2,000 tokens.
    nonisolated func groupSize(_ text: ChunkedText) -> Int { max(1, 2048 / text.context) }

    /// The hidden states of `rows` of each of the chunks, chunk after chunk, after the model's last norm.
    ///
    /// As many chunks as fit `options.batchSize` are one step; a longer chunk takes several.
    func hidden(
        _ chunks: [[TokenID]], rows: Range<Int>, of model: LanguageModel, observer: (any MatmulObserver)? = nil
    ) throws -> HiddenStates {
        let length = chunks.first?.count ?? 0
        let states = HiddenStates(
            capacity: chunks.count * rows.count, columns: model.configuration.embeddingLength)
        let together = max(1, options.batchSize / max(length, 1))
        let caches = try caches(min(together, chunks.count), of: length, for: model)
        for first in stride(from: 0, to: chunks.count, by: together) {
            let part = chunks[first..<min(first + together, chunks.count)]
            for start in stride(from: 0, to: length, by: together > 1 ? length : options.batchSize) {
                try Task.checkCancellation()
                let positions = start..<min(start + (together > 1 ? length : options.batchSize), length)
                step(part, positions, rows, caches, model, observer, into: states)
            }
        }
        return states
    }

    /// Runs the same positions of several chunks.
    private func step(
        _ chunks: ArraySlice<[TokenID]>, _ positions: Range<Int>, _ rows: Range<Int>, _ caches: [ContiguousCache],
        _ model: LanguageModel, _ observer: (any MatmulObserver)?, into states: HiddenStates
    ) {
        scratch.reset()
        let wanted = rows.clamped(to: positions)
        let starts = chunks.indices.map { ($0 - chunks.startIndex) * positions.count }
        let slices = zip(starts, caches).map { start, cache in
            Batch.Slice(rows: start..<start + positions.count, firstPosition: positions.lowerBound, cache: cache)
        }
        let outputs = starts.flatMap { start in wanted.map { start + $0 - positions.lowerBound } }
        let batch = Batch(tokens: chunks.flatMap { $0[positions] }, slices: slices, outputs: outputs)
        let pass = ForwardPass(batch, compute: compute, scratch: scratch, observer: observer)
        states.append(model.decoder.hidden(pass))
    }

    /// Calls `body` with the logits of `states`, `[rows, vocabularySize]`, which are gone after it.
    func withLogits<Result>(
        _ states: FloatMatrix, of model: LanguageModel, observer: (any MatmulObserver)? = nil,
        _ body: (FloatMatrix) throws -> Result
    ) rethrows -> Result {
        let mark = scratch.mark
        defer { scratch.release(to: mark) }
        let pass = ForwardPass(
            Batch(tokens: [], slices: [], outputs: []), compute: compute, scratch: scratch, observer: observer)
        return try body(model.decoder.logits(states, pass))
    }

    /// Rows whose logits are in memory at a time.
    static var logitRows: Int { 32 }

    /// `0..<count` in pieces of `logitRows`.
    nonisolated func logitBlocks(_ count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: Self.logitRows).map { $0..<min($0 + Self.logitRows, count) }
    }

    /// `body` of each row, on all threads.
    func eachRow<Value>(_ count: Int, columns: Int, of type: Value.Type, _ body: (Int) -> Value) -> [Value] {
        [Value](unsafeUninitializedCapacity: count) { values, initialized in
            let base = RowResults(base: values.baseAddress)
            compute.eachRow(count, cost: columns * 8) { row in base.base?.advanced(by: row).initialize(to: body(row)) }
            initialized = count
        }
    }
}

/// Where rows put their results.
private struct RowResults<Value>: @unchecked Sendable {
    // Sendable: each row is written once, by the worker that computes it.
    let base: UnsafeMutablePointer<Value>?
}
