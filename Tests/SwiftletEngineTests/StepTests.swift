import SwiftletEngine
import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers
import Testing

/// What a model step computes of rows that are wanted, of several sequences at once.
@Suite(.enabled(if: Shared.isPresent)) struct StepTests {
    /// The last layer goes on with wanted rows alone; their hidden states are those of a step that wants all, bit for bit.
    @Test(arguments: ArchitectureConformanceTests.families)
    func wantedRowsAreAsOfAWholeStep(name: String) throws {
        let model = try LanguageModel(contentsOf: TinyModel.url(name))
        let tokens = Array(try TinyModel.tokens(of: name).prefix(12))
        let whole = try hidden(model, [tokens], outputs: Array(tokens.indices))
        for outputs in [[11], [0], [3, 4, 5], [2, 7, 8, 11], [0, 11], Array(tokens.indices)] {
            let some = try hidden(model, [tokens], outputs: outputs)
            #expect(some == outputs.map { whole[$0] }, "rows \(outputs)")
        }
        #expect(try hidden(model, [tokens], outputs: []).isEmpty)
    }

    /// Sequences that share a step do not see each other.
    @Test(arguments: ["llama-dense", "gemma3-dense", "granite-moe"])
    func sequencesOfAStepAreAlone(name: String) throws {
        let model = try LanguageModel(contentsOf: TinyModel.url(name))
        let tokens = try TinyModel.tokens(of: name)
        let texts = [Array(tokens[0..<5]), Array(tokens[5..<6]), Array(tokens[6..<13])]
        let together = try hidden(model, texts, outputs: [1, 4, 5, 6, 12])
        let alone =
            try hidden(model, [texts[0]], outputs: [1, 4]) + hidden(model, [texts[1]], outputs: [0])
            + hidden(model, [texts[2]], outputs: [0, 6])
        #expect(together == alone)
    }

    /// A prompt whose earlier steps want no rows goes on as if it had been one step.
    @Test func stepsThatWantNothingStoreWhatLaterOnesNeed() throws {
        let model = try LanguageModel(contentsOf: TinyModel.url("llama-dense"))
        let tokens = Array(try TinyModel.tokens(of: "llama-dense").prefix(12))
        let cache = try ContiguousCache(model.decoder.keyValueShape, capacity: 16, type: .f32)
        let (compute, scratch) = (Compute(threads: 2), Scratch())
        var rows: [[UInt32]] = []
        for (start, end) in [(0, 5), (5, 11), (11, 12)] {
            scratch.reset()
            let batch = Batch(Array(tokens[start..<end]), at: start, cache: cache, outputs: end == 12 ? [0] : [])
            let states = model.decoder.hidden(ForwardPass(batch, compute: compute, scratch: scratch))
            rows += bits(states)
        }
        #expect(try rows == hidden(model, [tokens], outputs: [11]))
    }

    /// The hidden states' bits of `outputs`, counted over all texts.
    private func hidden(_ model: LanguageModel, _ texts: [[TokenID]], outputs: [Int]) throws -> [[UInt32]] {
        var slices: [Batch.Slice] = []
        for text in texts {
            let start = slices.last?.rows.upperBound ?? 0
            let cache = try ContiguousCache(model.decoder.keyValueShape, capacity: text.count, type: .f32)
            slices.append(Batch.Slice(rows: start..<start + text.count, firstPosition: 0, cache: cache))
        }
        let batch = Batch(tokens: texts.flatMap { $0 }, slices: slices, outputs: outputs)
        let scratch = Scratch()
        let pass = ForwardPass(batch, compute: Compute(threads: 2), scratch: scratch)
        return withExtendedLifetime(scratch) { bits(model.decoder.hidden(pass)) }
    }

    private func bits(_ states: FloatMatrix) -> [[UInt32]] {
        (0..<states.rows).map { row in (0..<states.columns).map { states[row: row][$0].bitPattern } }
    }
}
