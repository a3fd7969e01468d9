import Foundation
import SwiftletGround
import SwiftletModelFiles
public import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers

extension Evaluator {
    /// How far `models` are from `base` on `text`, whose tokens are the base's.
    ///
    /// The models take turns, some 2,000 tokens at a time, and give their hidden states; then the logits of 32 rows of the
    /// base meet those of each model. So nothing is spilled to disk or rounded, and memory holds, besides the mapped
    /// weights, the hidden states of 2,000 tokens for each model and 64 rows of logits. Throws if vocabularies differ, or for
    /// logits that are NaN.
    public func compare(
        _ models: [LanguageModel], with base: LanguageModel, on text: ChunkedText,
        progress: @Sendable (ComparisonProgress) -> Void = { _ in }
    ) async throws -> QualityComparison {
        for model in models { try Self.checkVocabulary(of: model, base) }
        return try compareLogits(of: models, with: base, on: text, progress: progress)
    }

    /// The same for models of whose vocabularies only the sizes are known to agree.
    package func compareLogits(
        of models: [LanguageModel], with base: LanguageModel, on text: ChunkedText,
        progress: @Sendable (ComparisonProgress) -> Void = { _ in }
    ) throws -> QualityComparison {
        let clock = ContinuousClock()
        let start = clock.now
        var tokens = [[TokenDifference]](repeating: [], count: models.count)
        var divergences = [Double](repeating: 0, count: models.count)
        var surprises: [Double] = []
        var running: [Double] = []
        let scored = text.scoredRows
        for first in stride(from: 0, to: text.count, by: groupSize(text)) {
            let chunks = first..<min(first + groupSize(text), text.count)
            let texts = chunks.map(text.chunk)
            let baseStates = try hidden(texts, rows: scored, of: base)
            let states = try models.map { try hidden(texts, rows: scored, of: $0) }
            for (index, chunk) in chunks.enumerated() {
                let rows = index * scored.count..<(index + 1) * scored.count
                let block = BlockOfModels(base: base, baseStates: baseStates, models: models, states: states)
                try compare(block, rows, chunk, text, into: &tokens, &surprises)
                for index in models.indices {
                    divergences[index] += tokens[index].suffix(scored.count).reduce(0) { $0 + $1.divergence }
                }
                running.append(exp(Statistics.mean(surprises)))
                progress(
                    ComparisonProgress(
                        chunk: chunk + 1, chunks: text.count,
                        divergences: divergences.map { $0 / Double(surprises.count) }, elapsed: clock.now - start))
            }
        }
        let surprise = Estimate(meanOf: surprises)
        let result = PerplexityResult(
            perplexity: surprise.exponential, surprise: surprise, running: running, context: text.context,
            scoredTokens: surprises.count, duration: clock.now - start)
        return QualityComparison(
            base: result, baseSize: ModelSize(of: base),
            models: zip(models, tokens).map { ModelComparison($1, size: ModelSize(of: $0)) })
    }

    /// The rows of one chunk: the base's logits of a few rows once, then those of each model beside them.
    private func compare(
        _ all: BlockOfModels, _ rows: Range<Int>, _ chunk: Int, _ text: ChunkedText,
        into tokens: inout [[TokenDifference]], _ surprises: inout [Double]
    ) throws {
        let scored = text.scoredRows
        for block in logitBlocks(rows.count) {
            try Task.checkCancellation()
            let part = rows.lowerBound + block.lowerBound..<rows.lowerBound + block.upperBound
            let places = scored.lowerBound + block.lowerBound..<scored.lowerBound + block.upperBound
            let targets = places.map { Int(text.target(chunk, row: $0)) }
            try withLogits(all.baseStates.matrix(part), of: all.base) { base in
                let distributions = eachRow(part.count, columns: base.columns, of: Distribution.self) {
                    Distribution(base.buffer(row: $0))
                }
                if let row = distributions.firstIndex(where: { !$0.isFinite }) {
                    throw EvaluationError.nonFinite(all.base, chunk: chunk, token: places.lowerBound + row)
                }
                surprises += distributions.indices.map {
                    distributions[$0].surprise(targets[$0], base.buffer(row: $0))
                }
                for (index, model) in all.models.enumerated() {
                    let differences = withLogits(all.states[index].matrix(part), of: model) { logits in
                        eachRow(part.count, columns: logits.columns * 2, of: TokenDifference.self) { row in
                            let (own, base) = (logits.buffer(row: row), base.buffer(row: row))
                            return TokenDifference(
                                distributions[row], base, Distribution(own), own, target: targets[row])
                        }
                    }
                    if let row = differences.firstIndex(where: { !$0.isFinite }) {
                        throw EvaluationError.nonFinite(model, chunk: chunk, token: places.lowerBound + row)
                    }
                    tokens[index] += differences
                }
            }
        }
    }

    /// Throws unless both models have the same tokens, byte for byte, and logits for as many.
    private static func checkVocabulary(of model: LanguageModel, _ base: LanguageModel) throws {
        let (own, other) = (try model.tokenizer.vocabulary, try base.tokenizer.vocabulary)
        let name = model.file.urls.first?.lastPathComponent
        let advice = "Compare a model with files that were quantized from it"
        guard own.count == other.count, model.configuration.vocabularySize == base.configuration.vocabularySize else {
            throw EvaluationError(
                .vocabulary,
                "the vocabulary has \(own.count) tokens, the base's \(other.count)"
                    + (own.count == other.count ? ", and the numbers of logits differ" : ""), at: name, advice: advice)
        }
        for token in 0..<TokenID(own.count) {
            guard let text = own.text(of: token), let expected = other.text(of: token),
                text.utf8.elementsEqual(expected.utf8)
            else {
                throw EvaluationError(
                    .vocabulary, "token \(token) is another one than in the base's vocabulary", at: name, advice: advice
                )
            }
        }
    }
}

/// The hidden states of some chunks in all models of a comparison.
private struct BlockOfModels {
    let base: LanguageModel
    let baseStates: HiddenStates
    let models: [LanguageModel]
    let states: [HiddenStates]
}
