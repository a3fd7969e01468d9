import Foundation
import SwiftletGround
public import SwiftletModels
import SwiftletTensors
public import SwiftletTokenizers

/// Turns texts into vectors with an encoder: vectors of texts that mean the same point the same way.
///
/// ```swift
/// let embedder = Embedder(try EncoderModel(contentsOf: url))
/// let vectors = try await embedder.embed(["The cat sits outside", "A man is playing guitar"])
/// ```
public actor Embedder {
    public nonisolated let model: EncoderModel
    public nonisolated let options: EngineOptions
    private nonisolated let thread: ModelThread
    private let compute: Compute
    private let scratch = Scratch()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    public init(_ model: EncoderModel, options: EngineOptions = EngineOptions()) {
        self.model = model
        self.options = options
        thread = ModelThread(name: "swiftlet-embedder")
        compute = Compute(threads: options.threads, arithmetic: options.arithmetic)
    }

    deinit { thread.stop() }

    /// A vector of length 1 for each text; texts are cut at what the model reads at most. Memory is bounded by the
    /// batch size. A text's vector does not depend on the others.
    public func embed(_ texts: [String]) async throws -> [[Float]] {
        try await embed(tokens: texts.map { model.tokens(of: $0) })
    }

    /// The same for texts as tokens, with those around them. Throws if one is empty, too long, or has unknown tokens.
    public func embed(tokens texts: [[TokenID]]) async throws -> [[Float]] {
        for (index, text) in texts.enumerated() {
            do throws(EngineError) { try check(text) } catch { throw error.within("text \(index)") }
        }
        var vectors: [[Float]] = []
        var next = 0
        while next < texts.count {
            try Task.checkCancellation()
            var end = next + 1
            var rows = texts[next].count
            while end < texts.count, rows + texts[end].count <= options.batchSize {
                rows += texts[end].count
                end += 1
            }
            vectors += step(Array(texts[next..<end]))
            next = end
            await Task.yield()
        }
        return vectors
    }

    private func step(_ texts: [[TokenID]]) -> [[Float]] {
        scratch.reset()
        let pass = EncoderPass(texts, compute: compute, scratch: scratch)
        let vectors = model.encoder.embeddings(pass)
        return (0..<vectors.rows).map { row in
            Array(UnsafeBufferPointer(start: vectors[row: row], count: vectors.columns))
        }
    }

    private func check(_ text: [TokenID]) throws(EngineError) {
        guard !text.isEmpty else { throw EngineError(.emptyPrompt, "there are no tokens to embed") }
        let (size, length) = (model.configuration.vocabularySize, model.configuration.contextLength)
        if let bad = text.first(where: { $0 < 0 || Int($0) >= size }) {
            throw EngineError(.token, "token \(bad) is not in the vocabulary of \(size)")
        }
        guard text.count <= length else {
            throw EngineError(.contextFull, "the text has \(text.count) tokens, but the model reads at most \(length)")
        }
    }
}
