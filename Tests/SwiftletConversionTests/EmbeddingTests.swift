import Foundation
import SwiftletConversion
import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletTokenizers
import Testing

/// The encoder, on checkpoints converted here.
@Suite struct EmbeddingTests {
    private static func cosine(_ a: [Double], _ b: [Float]) -> Double {
        let dot = zip(a, b).reduce(0.0) { $0 + $1.0 * Double($1.1) }
        let lengths = a.reduce(0.0) { $0 + $1 * $1 } * b.reduce(0.0) { $0 + Double($1) * Double($1) }
        return dot / lengths.squareRoot()
    }

    /// all-MiniLM-L6-v2 in F32: the tokens and vectors of sentence-transformers; converted in under 2 seconds.
    @Test(.enabled(if: Fixtures.hasShared && Fixtures.miniLM != nil))
    func agreesWithSentenceTransformers() async throws {
        let folder = try TemporaryFolder()
        let start = ContinuousClock().now
        try Checkpoint(try #require(Fixtures.miniLM)).converted(to: .f32).write(to: folder.file("minilm.gguf"))
        #expect(ContinuousClock().now - start < .seconds(2))
        let embedder = Embedder(try EncoderModel(contentsOf: folder.file("minilm.gguf")))
        let data = try Data(
            contentsOf: Fixtures.shared.appending(path: "conformance/embeddings/all-minilm-l6-v2.json"))
        let cases = try #require(try JSONValue(parsing: data).array)
        let texts = cases.compactMap { $0["text"]?.string }
        let vectors = try await embedder.embed(texts)
        try #require(vectors.count == cases.count)
        for (index, one) in cases.enumerated() {
            #expect(embedder.model.tokens(of: texts[index]).map { Int($0) } == one["ids"]?.array?.compactMap(\.integer))
            let expected = one["embedding"]?.array?.compactMap(\.number) ?? []
            #expect(Self.cosine(expected, vectors[index]) > 0.999999, "\(texts[index].prefix(40))")
        }
    }

    private func tiny() throws -> (EncoderModel, TemporaryFolder) {
        let tiny = try TinyCheckpoint("bert")
        try Checkpoint(tiny.url).converted(to: .f32).write(to: tiny.folder.file("bert.gguf"))
        return (try EncoderModel(contentsOf: tiny.folder.file("bert.gguf")), tiny.folder)
    }

    /// A text's vector is the same, bit for bit, alone and among others, and on any number of threads.
    @Test func doesNotDependOnCompany() async throws {
        let (model, folder) = try tiny()
        let texts = ["the system administrator", "a", "", "packages and configuration files of the system", "?"]
        let together = try await Embedder(model, options: EngineOptions(threads: 2)).embed(texts)
        for (text, vector) in zip(texts, together) {
            let alone = try await Embedder(model, options: EngineOptions(threads: 1, batchSize: 1)).embed([text])
            #expect(alone == [vector])
            #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        }
        withExtendedLifetime(folder) {}
    }

    @Test func cutsLongTexts() throws {
        let (model, folder) = try tiny()
        let tokens = model.tokens(of: String(repeating: "system ", count: 500))
        #expect(tokens.count == model.configuration.contextLength)
        #expect(tokens.last == model.tokens(of: "a").last)
        withExtendedLifetime(folder) {}
    }

    @Test func refusesOtherModels() async throws {
        let (model, folder) = try tiny()
        #expect(throws: ModelError.self) { try LanguageModel(contentsOf: folder.file("bert.gguf")) }
        let llama = try TinyCheckpoint("llama")
        try Checkpoint(llama.url).converted(to: .f32).write(to: llama.folder.file("llama.gguf"))
        #expect(throws: ModelError.self) { try EncoderModel(contentsOf: llama.folder.file("llama.gguf")) }
        let embedder = Embedder(model)
        await #expect(throws: EngineError.self) { try await embedder.embed(tokens: [[]]) }
        await #expect(throws: EngineError.self) { try await embedder.embed(tokens: [[1, 9999]]) }
    }
}
