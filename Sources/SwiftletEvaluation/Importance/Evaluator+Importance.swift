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
    public let elapsed: Duration
}

extension Evaluator {
    /// How strongly `text` drives the input columns of each weight of `model`: sums of squares, for quantizers.
    ///
    /// `earlier`: a matrix of the same model that this one goes on from. `dataset`: the text's name, to be kept in the file; nil
    /// if `earlier` names it. After every `interval` chunks, and when the task is cancelled, `save` gets what the whole chunks
    /// so far gave. Throws for activations that are not finite, and for a matrix of another model.
    public func importance(
        of model: LanguageModel, on text: ChunkedText, dataset: String?, earlier: ImportanceMatrixFile? = nil,
        processesOutput: Bool = false, saveEvery interval: Int = 10,
        save: @Sendable (ImportanceMatrixFile) throws -> Void = { _ in },
        progress: @Sendable (ImportanceProgress) -> Void = { _ in }
    ) async throws -> ImportanceMatrixFile {
        if let earlier { try Self.check(earlier, against: model) }
        let collector = ImportanceCollector(model.file, processesOutput: processesOutput, compute: compute)
        func current() throws -> ImportanceMatrixFile {
            let collected = try collector.matrix(datasets: dataset.map { [$0] } ?? [], chunkSize: text.context)
            guard var all = earlier else { return collected }
            try all.merge(collected)
            return all
        }
        let clock = ContinuousClock()
        let start = clock.now
        var (done, saved) = (0, 0)
        let group = max(1, options.batchSize / text.context)
        while done < text.count {
            let chunks = done..<min(done + group, text.count)
            do {
                try collect(chunks.map(text.chunk), of: model, into: collector, processesOutput: processesOutput)
            } catch let error as CancellationError {
                if done > saved { try save(current()) }
                throw error
            }
            collector.commit()
            done = chunks.upperBound
            progress(ImportanceProgress(chunk: done, chunks: text.count, elapsed: clock.now - start))
            if interval > 0, done - saved >= interval, done < text.count {
                try save(current())
                saved = done
            }
        }
        return try current()
    }

    private func collect(
        _ chunks: [[TokenID]], of model: LanguageModel, into collector: ImportanceCollector, processesOutput: Bool
    ) throws {
        let length = chunks.first?.count ?? 0
        // Without the output layer, one row a chunk is enough: all rows pass through all blocks.
        let rows = processesOutput ? 0..<length : 0..<1
        let states = try hidden(chunks, rows: rows, of: model, observer: collector)
        guard processesOutput else { return }
        for block in logitBlocks(states.rows) {
            try Task.checkCancellation()
            withLogits(states.matrix(block), of: model, observer: collector) { _ in }
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
    private static func check(_ matrix: ImportanceMatrixFile, against model: LanguageModel) throws(EvaluationError) {
        for entry in matrix.entries {
            guard let weight = model.file.tensor(named: entry.name) else {
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
