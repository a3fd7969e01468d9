import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers
import Testing

/// The tiny random models of ../shared/conformance/architectures, and how far logits are from the reference engine's.
enum TinyModel {
    static func url(_ name: String) -> URL { Shared.url("conformance/architectures/\(name).gguf") }

    /// The same model with a longer context and a vocabulary of letters, so that it can answer.
    static func extended(_ name: String, context: Int, at folder: URL? = nil) throws -> LanguageModel {
        let file = try GGUFFile(url(name))
        var metadata = file.metadata
        let architecture = try metadata.string("general.architecture")
        let size = try #require(file.tensor(named: "token_embd.weight")).rows
        metadata["\(architecture).context_length"] = .uint32(UInt32(context))
        for key in ["token_type", "scores", "merges"] { metadata["tokenizer.ggml." + key] = nil }
        metadata["tokenizer.ggml.model"] = .string("gpt2")
        metadata["tokenizer.ggml.pre"] = .string("gpt-2")
        metadata["tokenizer.ggml.merges"] = .array([] as [String])
        metadata["tokenizer.ggml.tokens"] = .array(
            (0..<size).map { $0 < 94 ? String(UnicodeScalar(0x21 + UInt8($0))) : "t\($0)" })
        let target = (folder ?? FileManager.default.temporaryDirectory).appending(path: "swiftlet-\(UUID()).gguf")
        if let folder { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
        // The mapping stays when the name is gone; who gives a folder keeps the file in it.
        defer { if folder == nil { try? FileManager.default.removeItem(at: target) } }
        var writer = try GGUFWriter(metadata: metadata)
        for tensor in file.tensors { try writer.add(tensor.name, type: tensor.type, dimensions: tensor.dimensions) }
        try writer.write(to: target) { tensor, write in try write(#require(file.tensor(named: tensor.name)).bytes) }
        return try LanguageModel(contentsOf: target)
    }

    /// The tokens that the reference's logits of a model are for.
    static func tokens(of name: String) throws -> [TokenID] {
        let index = try Shared.json("conformance/architectures/index.json")
        return try #require(index[name + ".gguf"]?["tokens"]?.array).compactMap { $0.integer.map(TokenID.init) }
    }

    /// The reference leaves sliding windows out in all but the Gemma family.
    static func slidingWindow(of name: String) -> ModelOptions.SlidingWindow {
        name.hasPrefix("gemma") ? .honor : .ignore
    }

    /// The logits of all tokens, row after row, with an F32 cache.
    static func logits(
        of tokens: [TokenID], in url: URL, slidingWindow: ModelOptions.SlidingWindow, threads: Int = 2,
        batchSize: Int = 64
    ) async throws -> [Float] {
        let model = try LanguageModel(contentsOf: url, options: ModelOptions(slidingWindow: slidingWindow))
        let engine = Engine(model, options: EngineOptions(threads: threads, batchSize: batchSize))
        return try await engine.logits(of: tokens, in: engine.makeSession(cacheType: .f32))
    }

    /// The normalized mean squared error.
    static func error(of logits: [Float], from expected: [Float]) throws -> Double {
        try #require(logits.count == expected.count)
        let difference = zip(logits, expected).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
        return difference / expected.reduce(0.0) { $0 + pow(Double($1), 2) }
    }
}
