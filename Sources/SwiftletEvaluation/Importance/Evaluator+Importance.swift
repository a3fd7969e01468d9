import SwiftletEngine
public import SwiftletGround
public import SwiftletModelFiles
public import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers

/// Chunks that are done of a collection.
public struct ImportanceProgress: Sendable {
    public let chunk: Int
    public let chunks: Int
    /// The perplexity of all chunks so far; nil if it is not measured.
    public let perplexity: Double?
    public let elapsed: Duration
}

/// What a text gave.
public struct ImportanceResult: Sendable {
    public let matrix: ImportanceMatrixFile
    /// How well the model predicts the text, without chunks of earlier matrices; nil if it was not measured.
    public let perplexity: Estimate?
}

extension Evaluator {
    /// Where matrices are kept on the way, and who is told of it.
    private struct Keeping {
        let interval: Int
        let save: @Sendable (ImportanceMatrixFile) throws -> Void
        let progress: @Sendable (ImportanceProgress) -> Void
    }

    /// How strongly `text` drives the input columns of each weight of `model`: sums of squares, for quantizers.
    ///
    /// `earlier`: a matrix of the same model that this one goes on from. `dataset`: the text's name, to be kept in the file; nil
    /// if `earlier` names it. `predicts` measures the perplexity on the way, at the cost of the output layer for half of the
    /// tokens. After every `interval` chunks, and when the task is cancelled, `save` gets what the whole chunks so far gave.
    /// Throws for activations that are not finite, and for a matrix of another model.
    public func importance(
        of model: LanguageModel, on text: ChunkedText, dataset: String?, earlier: ImportanceMatrixFile? = nil,
        processesOutput: Bool = false, predicts: Bool = false, saveEvery interval: Int = 10,
        save: @Sendable @escaping (ImportanceMatrixFile) throws -> Void = { _ in },
        progress: @Sendable @escaping (ImportanceProgress) -> Void = { _ in }
    ) async throws -> ImportanceResult {
        // Only this actor's calls, one after another, touch it.
        nonisolated(unsafe) let collector = ImportanceCollector(
            model.file, processesOutput: processesOutput, compute: compute)
        let keeping = Keeping(interval: interval, save: save, progress: progress)
        return try collect(collector, model.file, text, dataset, earlier, keeping) { chunks in
            try collect(chunks, of: text, model, into: collector, processesOutput: processesOutput, predicts: predicts)
        }
    }

    /// The same for an encoder, which predicts nothing.
    public func importance(
        of model: EncoderModel, on text: ChunkedText, dataset: String?, earlier: ImportanceMatrixFile? = nil,
        saveEvery interval: Int = 10, save: @Sendable @escaping (ImportanceMatrixFile) throws -> Void = { _ in },
        progress: @Sendable @escaping (ImportanceProgress) -> Void = { _ in }
    ) async throws -> ImportanceResult {
        // Only this actor's calls, one after another, touch it.
        nonisolated(unsafe) let collector = ImportanceCollector(model.file, processesOutput: false, compute: compute)
        let keeping = Keeping(interval: interval, save: save, progress: progress)
        return try collect(collector, model.file, text, dataset, earlier, keeping) { chunks in
            try Task.checkCancellation()
            scratch.reset()
            let texts = chunks.map(text.chunk)
            _ = model.encoder.embeddings(
                EncoderPass(texts, compute: compute, scratch: scratch, observer: collector))
            return []
        }
    }

    /// Runs all chunks, as many together as fit a step; `run` gives the surprises of their tokens, chunk after chunk.
    private func collect(
        _ collector: ImportanceCollector, _ file: GGUFFile, _ text: ChunkedText, _ dataset: String?,
        _ earlier: ImportanceMatrixFile?, _ keeping: Keeping, run: (Range<Int>) throws -> [[Double]]
    ) throws -> ImportanceResult {
        if let earlier { try Self.check(earlier, against: file) }
        func current() throws -> ImportanceMatrixFile {
            let collected = try collector.matrix(datasets: dataset.map { [$0] } ?? [], chunkSize: text.context)
            guard var all = earlier else { return collected }
            try all.merge(collected)
            return all
        }
        let clock = ContinuousClock()
        let start = clock.now
        var (done, saved) = (0, 0)
        var surprises: [Double] = []
        let group = max(1, options.batchSize / text.context)
        while done < text.count {
            let chunks = done..<min(done + group, text.count)
            let found: [[Double]]
            do {
                found = try run(chunks)
            } catch let error as CancellationError {
                if done > saved { try keeping.save(current()) }
                throw error
            }
            collector.commit()
            for (index, chunk) in chunks.enumerated() {
                if index < found.count { surprises += found[index] }
                keeping.progress(
                    ImportanceProgress(
                        chunk: chunk + 1, chunks: text.count,
                        perplexity: surprises.isEmpty ? nil : Estimate(meanOf: surprises).exponential.value,
                        elapsed: clock.now - start))
            }
            done = chunks.upperBound
            if keeping.interval > 0, done - saved >= keeping.interval, done < text.count {
                try keeping.save(current())
                saved = done
            }
        }
        return ImportanceResult(
            matrix: try current(), perplexity: surprises.isEmpty ? nil : Estimate(meanOf: surprises).exponential)
    }

    private func collect(
        _ chunks: Range<Int>, of text: ChunkedText, _ model: LanguageModel, into collector: ImportanceCollector,
        processesOutput: Bool, predicts: Bool
    ) throws -> [[Double]] {
        // Without the output layer, one row a chunk is enough: all rows pass through all blocks.
        let rows = processesOutput ? 0..<text.context : predicts ? text.scoredRows : 0..<1
        let states = try hidden(chunks.map(text.chunk), rows: rows, of: model, observer: collector)
        if processesOutput {
            for block in logitBlocks(states.rows) {
                try Task.checkCancellation()
                withLogits(states.matrix(block), of: model, observer: collector) { _ in }
            }
        }
        guard predicts else { return [] }
        return try chunks.enumerated().map { index, chunk in
            let first = index * rows.count - rows.lowerBound
            let scored = first + text.scoredRows.lowerBound..<first + text.scoredRows.upperBound
            return try surprises(of: states, scored, chunk, text, model)
        }
    }

    /// Matrices added up as raw sums; nil for none. Those that do not know their chunks' size get `chunkSize`.
    public static func merged(
        _ matrices: [ImportanceMatrixFile], chunkSize: Int
    ) throws(ModelFileError) -> ImportanceMatrixFile? {
        var sum: ImportanceMatrixFile?
        for var matrix in matrices {
            if matrix.chunkSize == 0 { matrix.chunkSize = chunkSize }
            matrix = matrix.asSums()
            if sum == nil { sum = matrix } else { try sum?.merge(matrix) }
        }
        return sum
    }

    /// Throws if the matrix has columns or experts that the model's weights have not.
    private static func check(_ matrix: ImportanceMatrixFile, against file: GGUFFile) throws(EvaluationError) {
        for entry in matrix.entries {
            guard let weight = file.tensor(named: entry.name) else {
                throw EvaluationError(
                    .importance, "the importance matrix has a weight that the model has not",
                    at: "entry \(entry.name)", advice: "Go on from a matrix of the same model")
            }
            let matrices = weight.shape.count > 2 ? weight.shape[0] : 1
            guard entry.sums.count == matrices * weight.columns else {
                throw EvaluationError(
                    .importance, "\(entry.sums.count) sums do not fit the weight's shape \(weight.shape)",
                    at: "entry \(entry.name)", advice: "Go on from a matrix of the same model")
            }
        }
    }
}
