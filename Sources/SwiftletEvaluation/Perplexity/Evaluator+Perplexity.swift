import Foundation
import SwiftletGround
import SwiftletModelFiles
public import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers

extension Evaluator {
    /// The perplexity of `model` on `text` by the reference's method: the tokens of each chunk's second half are scored.
    ///
    /// Memory: caches of the chunks of a step, and the logits of 32 rows. Throws `EvaluationError` for logits that are NaN.
    public func perplexity(
        of model: LanguageModel, on text: ChunkedText, progress: @Sendable (PerplexityProgress) -> Void = { _ in }
    ) async throws -> PerplexityResult {
        let clock = ContinuousClock()
        let start = clock.now
        var surprises: [Double] = []
        var running: [Double] = []
        let scored = text.scoredRows
        for first in stride(from: 0, to: text.count, by: groupSize(text)) {
            let chunks = first..<min(first + groupSize(text), text.count)
            let states = try hidden(chunks.map(text.chunk), rows: scored, of: model)
            for (index, chunk) in chunks.enumerated() {
                let rows = index * scored.count..<(index + 1) * scored.count
                surprises += try self.surprises(of: states, rows, chunk, text, model)
                running.append(exp(Statistics.mean(surprises)))
                progress(
                    PerplexityProgress(
                        chunk: chunk + 1, chunks: text.count, perplexity: running[chunk], elapsed: clock.now - start))
            }
        }
        let surprise = Estimate(meanOf: surprises)
        return PerplexityResult(
            perplexity: surprise.exponential, surprise: surprise, running: running, context: text.context,
            scoredTokens: surprises.count, duration: clock.now - start)
    }

    /// -ln of the probabilities that the model gave to the tokens after each of `rows`, which belong to one chunk.
    func surprises(
        of states: HiddenStates, _ rows: Range<Int>, _ chunk: Int, _ text: ChunkedText, _ model: LanguageModel
    ) throws -> [Double] {
        var values: [Double] = []
        for block in logitBlocks(rows.count) {
            try Task.checkCancellation()
            let states = states.matrix(rows.lowerBound + block.lowerBound..<rows.lowerBound + block.upperBound)
            values += withLogits(states, of: model) { logits in
                eachRow(block.count, columns: logits.columns, of: Double.self) { row in
                    let logits = logits.buffer(row: row)
                    let place = text.scoredRows.lowerBound + block.lowerBound + row
                    return Distribution(logits).surprise(Int(text.target(chunk, row: place)), logits)
                }
            }
        }
        if let row = values.firstIndex(where: { !$0.isFinite }) {
            throw EvaluationError.nonFinite(model, chunk: chunk, token: text.scoredRows.lowerBound + row)
        }
        return values
    }
}

extension FloatMatrix {
    func buffer(row: Int) -> UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: self[row: row], count: columns) }
}

extension EvaluationError {
    static func nonFinite(_ model: LanguageModel, chunk: Int, token: Int) -> EvaluationError {
        EvaluationError(
            .nonFinite, "the logits after token \(token) of chunk \(chunk + 1) are NaN or infinite",
            at: model.file.urls.first?.lastPathComponent,
            advice: "The weights are damaged or overflowed in conversion: check them with `swiftlet quantize --verify`")
    }
}
