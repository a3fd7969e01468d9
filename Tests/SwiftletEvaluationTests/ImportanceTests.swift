import Foundation
import SwiftletEngine
import SwiftletEvaluation
import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import SwiftletTensors
import Synchronization
import Testing

@Suite(.enabled(if: Shared.isPresent)) struct ImportanceTests {
    private let evaluator = Evaluator(options: EngineOptions(threads: 2, batchSize: 128), cacheType: .f32)

    private func collect(
        _ model: LanguageModel, chunks: Range<Int>, earlier: ImportanceMatrixFile? = nil, processesOutput: Bool = false
    ) async throws -> ImportanceMatrixFile {
        let tokens = Array(TestModel.tinyTokens(10 * 64)[chunks.lowerBound * 64..<chunks.upperBound * 64])
        return try await evaluator.importance(
            of: model, on: ChunkedText(tokens: tokens, context: 64), dataset: "tiny", earlier: earlier,
            processesOutput: processesOutput
        ).matrix
    }

    /// Every weight of the blocks that is multiplied, each once; the output layer only if asked for.
    @Test(arguments: ["llama-dense", "phi3-dense", "gemma3-dense", "qwen3-dense", "llama-moe"])
    func everyWeightIsCountedOnce(_ name: String) async throws {
        let model = try TestModel.tiny(name)
        let matrix = try await collect(model, chunks: 0..<3, processesOutput: true)
        let expected = model.file.tensors.filter {
            ($0.name.hasPrefix("blk.") || $0.name == "output.weight") && $0.name.hasSuffix(".weight")
                && $0.dimensions.count > 1
        }
        #expect(matrix.entries.map(\.name) == expected.map(\.name).sorted())
        for entry in matrix.entries {
            let weight = try #require(expected.first { $0.name == entry.name })
            // Both experts of the tiny mixture see every token.
            let matrices = weight.dimensions.count > 2 ? weight.dimensions[2] : 1
            #expect(entry.counts == [Float](repeating: 3 * 64, count: matrices), "\(entry.name)")
            #expect(entry.columns == weight.columns)
            #expect(entry.sums.allSatisfy { $0 > 0 && $0.isFinite }, "\(entry.name)")
        }
        #expect((matrix.chunkCount, matrix.chunkSize) == (3, 64))
        let without = try await collect(model, chunks: 0..<3)
        #expect(without.entries == matrix.entries.filter { $0.name != "output.weight" })
    }

    /// Tokens are counted for the experts that they go to: counts of llama.cpp's evaluation callback for the same file, in
    /// which each token goes to one expert of two. (The sums, too, agreed within 4e-7.)
    @Test func expertsAreCountedApart() async throws {
        let source = try TestModel.tiny("llama-moe").file
        var metadata = source.metadata
        metadata["llama.expert_used_count"] = .uint32(1)
        var writer = try GGUFWriter(metadata: metadata)
        for tensor in source.tensors { try writer.add(tensor.name, type: tensor.type, dimensions: tensor.dimensions) }
        let url = TestModel.folder.appending(path: "one-expert.gguf")
        try writer.write(to: url) { tensor, write in
            if let view = source.tensor(named: tensor.name) { try write(view.bytes) }
        }
        let model = try LanguageModel(contentsOf: url, options: ModelOptions(slidingWindow: .ignore))
        let text = ChunkedText(tokens: TestModel.tinyTokens(100), context: 100)
        let matrix = try await evaluator.importance(of: model, on: text, dataset: "tiny").matrix
        for part in ["gate", "up", "down"] {
            for (layer, counts) in [[53, 47], [30, 70] as [Float]].enumerated() {
                let entry = matrix.entries.first { $0.name == "blk.\(layer).ffn_\(part)_exps.weight" }
                #expect(entry?.counts == counts)
            }
        }
    }

    /// The first layer's inputs are known: normed embeddings.
    @Test func sumsAreThoseOfTheInputs() async throws {
        let model = try TestModel.tiny("llama-dense")
        let matrix = try await collect(model, chunks: 0..<2)
        let entry = try #require(matrix.entries.first { $0.name == "blk.0.attn_q.weight" })
        let table = try #require(model.file.tensor(named: "token_embd.weight")).decoded()
        let norm = try #require(model.file.tensor(named: "blk.0.attn_norm.weight")).decoded()
        let width = norm.count
        var sums = [Double](repeating: 0, count: width)
        for token in TestModel.tinyTokens(2 * 64) {
            let row = table[Int(token) * width..<(Int(token) + 1) * width].map(Double.init)
            let square = row.reduce(0) { $0 + $1 * $1 } / Double(width) + Double(model.configuration.normEpsilon)
            for column in 0..<width {
                sums[column] += pow(row[column] * Double(norm[column]), 2) / square
            }
        }
        for column in 0..<width { #expect(abs(Double(entry.sums[column]) / sums[column] - 1) < 1e-4) }
        #expect(matrix.entries.first { $0.name == "blk.0.attn_k.weight" }?.sums == entry.sums)
    }

    /// A text run in two goes gives what it gives in one.
    @Test func goesOnFromAnEarlierMatrix() async throws {
        let model = try TestModel.tiny("llama-moe")
        let whole = try await collect(model, chunks: 0..<8)
        let first = try await collect(model, chunks: 0..<3)
        let both = try await collect(model, chunks: 3..<8, earlier: first)
        #expect(both.chunkCount == 8 && both.datasets == ["tiny", "tiny"])
        #expect(both.entries.map(\.counts) == whole.entries.map(\.counts))
        for (a, b) in zip(both.entries, whole.entries) {
            #expect(zip(a.sums, b.sums).allSatisfy { abs($0 / $1 - 1) < 1e-5 }, "\(a.name)")
        }
        let merged = try Evaluator.merged([first, try await collect(model, chunks: 3..<8)], chunkSize: 64)
        #expect(merged?.entries == both.entries)
    }

    /// The perplexity on the way is the one that is measured alone, and leaves the matrix as it is.
    @Test(arguments: [false, true]) func measuresPerplexityOnTheWay(processesOutput: Bool) async throws {
        let model = try TestModel.tiny("llama-dense")
        let text = ChunkedText(tokens: TestModel.tinyTokens(5 * 64), context: 64, beginning: 1)
        let running = Mutex<[Double?]>([])
        let result = try await evaluator.importance(
            of: model, on: text, dataset: "tiny", processesOutput: processesOutput, predicts: true,
            progress: { progress in running.withLock { $0.append(progress.perplexity) } })
        let alone = try await evaluator.perplexity(of: model, on: text)
        #expect(result.perplexity == alone.perplexity)
        #expect(running.withLock { $0 } == alone.running.map { Double?($0) })
        let plain = try await evaluator.importance(
            of: model, on: text, dataset: "tiny", processesOutput: processesOutput)
        #expect(plain.perplexity == nil && plain.matrix.entries == result.matrix.entries)
    }

    @Test func matrixOfAnotherModelIsRefused() async throws {
        let matrix = try await collect(TestModel.tiny("llama-moe"), chunks: 0..<2)
        await #expect(throws: EvaluationError.self) {
            try await collect(TestModel.tiny("llama-dense"), chunks: 0..<2, earlier: matrix)
        }
    }

    /// Saved on the way are whole chunks, and the last save of a cancelled run is all that it did.
    @Test func savesOnTheWay() async throws {
        let model = try TestModel.tiny("llama-dense")
        let text = ChunkedText(tokens: TestModel.tinyTokens(10 * 64), context: 64)
        let saved = Mutex<[Int]>([])
        let save = { @Sendable (matrix: ImportanceMatrixFile) in
            #expect(matrix.entries.allSatisfy { $0.counts == [Float(matrix.chunkCount * 64)] })
            saved.withLock { $0.append(matrix.chunkCount) }
        }
        let alone = Evaluator(options: EngineOptions(threads: 1, batchSize: 32))
        _ = try await alone.importance(of: model, on: text, dataset: "tiny", saveEvery: 4, save: save)
        #expect(saved.withLock { $0 } == [4, 8])

        saved.withLock { $0 = [] }
        let task = Task {
            try await alone.importance(of: model, on: text, dataset: "tiny", saveEvery: 0, save: save) { progress in
                if progress.chunk == 5 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(saved.withLock { $0 } == [5])
    }

    /// What llama-imatrix (llama.cpp 0.5.0) prints on the way for SmolLM2 in Q4_1 and corpus/calibration.txt.
    private static let referenceRunning = [
        19.2689, 20.1882, 22.6196, 22.3234, 21.8042, 21.1205, 21.3924, 22.4255, 22.3992, 22.3940, 23.3580, 23.6810,
    ]

    /// llama-imatrix's matrix of the same text (conformance/files; it was made from the F16 file, this from Q4_1).
    @Test(.enabled(if: TestModel.smollm2 != nil)) func isTheReferences() async throws {
        let model = try LanguageModel(contentsOf: try #require(TestModel.smollm2))
        let text = try ChunkedText(
            String(contentsOf: Shared.url("corpus/calibration.txt"), encoding: .utf8), for: model, limit: 24)
        let expected = try ImportanceMatrixFile(Shared.url("conformance/files/smollm2.imatrix.gguf"))
        let running = Mutex<[Double]>([])
        let matrix = try await Evaluator().importance(
            of: model, on: text, dataset: "calibration.txt", predicts: true,
            progress: { progress in running.withLock { $0.append(progress.perplexity ?? 0) } }
        ).matrix
        let perplexities = running.withLock { $0 }
        #expect(perplexities.count == 24)
        for (own, other) in zip(perplexities, Self.referenceRunning) { #expect(abs(own / other - 1) < 0.01) }
        #expect(matrix.entries.map(\.name) == expected.entries.map(\.name))
        #expect(matrix.datasets == expected.datasets)
        #expect((matrix.chunkCount, matrix.chunkSize) == (expected.chunkCount, expected.chunkSize))
        for (own, other) in zip(matrix.entries, expected.entries) {
            #expect(own.counts == other.counts)
            let difference = zip(own.sums, other.sums).reduce(Float(0)) { $0 + abs($1.0 - $1.1) }
            #expect(difference < 0.01 * other.sums.reduce(0, +), "\(own.name)")
        }
    }
}

@Suite(.enabled(if: Shared.isPresent)) struct ImportanceStatisticsTests {
    @Test func figuresAreTheTextbooks() throws {
        let entries = [
            ImportanceMatrixFile.Entry(name: "blk.0.attn_q.weight", sums: [4, 4, 4, 4], counts: [2]),
            ImportanceMatrixFile.Entry(name: "blk.1.attn_q.weight", sums: [0, 0, 0, 8], counts: [2]),
            ImportanceMatrixFile.Entry(name: "blk.1.ffn_up_exps.weight", sums: [1, 1, 9, 9], counts: [1, 0]),
            ImportanceMatrixFile.Entry(name: "blk.1.none.weight", sums: [0], counts: [0]),
        ]
        let statistics = ImportanceMatrixFile(entries: entries).statistics
        #expect(statistics.map(\.name) == [entries[0].name, entries[1].name, entries[2].name])
        let (even, single, expert) = (statistics[0], statistics[1], statistics[2])
        #expect((even.total, even.mean, even.deviation, even.entropy, even.evenness) == (8, 2, 0, 2, 1))
        #expect((even.layer, even.tensor, even.active, even.outliers) == (0, "attn_q", 1, 0))
        #expect((single.total, single.maximum, single.entropy, single.active) == (4, 4, 0, 0.25))
        #expect(single.outliers == 0.25)
        #expect(abs(single.similarity - 0.5) < 1e-9)
        #expect((expert.columns, expert.total) == (2, 2))
        let layers = LayerImportance.layers(statistics)
        #expect(layers.map(\.layer) == [0, 1])
        #expect(abs(layers[1].total - (4 * 4 + 2 * 2) / 6) < 1e-9)
    }
}
