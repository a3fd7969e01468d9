import Foundation
import SwiftletConversion
import SwiftletEngine
import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers
import Testing

/// From GGUF to a checkpoint and back.
@Suite struct ExportTests {
    @Test(arguments: Fixtures.names, [OutputType.auto, .f32])
    func givesTheSameFileAgain(name: String, type: OutputType) throws {
        let tiny = try TinyCheckpoint(name)
        let first = tiny.folder.file("first.gguf")
        try Checkpoint(tiny.url).converted(to: type).write(to: first)
        let folder = tiny.folder.file("exported")
        try CheckpointExporter(GGUFFile(first)).write(to: folder)
        let second = tiny.folder.file("second.gguf")
        // "auto" takes F16 for matrices in F32, as the reference converter does.
        try Checkpoint(folder).converted(to: type).write(to: second)
        let (one, other) = (try GGUFFile(first), try GGUFFile(second))
        #expect(Set(one.tensors.map(\.name)) == Set(other.tensors.map(\.name)))
        for tensor in one.tensors {
            let (a, b) = (try #require(one.tensor(named: tensor.name)), try #require(other.tensor(named: tensor.name)))
            #expect(a.type == b.type && a.shape == b.shape && a.bytes.elementsEqual(b.bytes), "\(tensor.name)")
        }
        for entry in one.metadata.entries {
            #expect(other.metadata[entry.key] == entry.value, "\(entry.key)")
        }
    }

    static let conformance = [
        "llama-dense", "llama-moe", "mistral3-dense", "mistral3-moe", "qwen2-dense", "qwen3-dense", "gemma2-dense",
        "gemma3-dense", "phi3-dense", "smollm3-dense", "granite-dense", "granite-moe",
    ]

    /// Tiny random models of every architecture: exported and converted again they compute the same.
    @Test(.enabled(if: Fixtures.hasShared), arguments: conformance)
    func keepsLogits(name: String) async throws {
        let folder = try TemporaryFolder()
        let original = Fixtures.shared.appending(path: "conformance/architectures/\(name).gguf")
        try CheckpointExporter(GGUFFile(original), vocabulary: false).write(to: folder.file("exported"))
        let converted = folder.file("converted.gguf")
        try Checkpoint(folder.file("exported")).converted(to: .f32, vocabulary: false).write(to: converted)
        let (one, other) = (try await Self.logits(original, name), try await Self.logits(converted, name))
        let difference = zip(one, other).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
        let error = difference / one.reduce(0.0) { $0 + pow(Double($1), 2) }
        #expect(one.count == other.count && error < 1e-10, "normalized mean squared error \(error)")
    }

    private static func logits(_ url: URL, _ name: String) async throws -> [Float] {
        let index = try JSONValue(
            parsing: Data(contentsOf: Fixtures.shared.appending(path: "conformance/architectures/index.json")))
        let tokens = try #require(index[name + ".gguf"]?["tokens"]?.array).compactMap { $0.integer.map(TokenID.init) }
        let window = name.hasPrefix("gemma") ? ModelOptions.SlidingWindow.honor : .ignore
        let model = try LanguageModel(contentsOf: url, options: ModelOptions(slidingWindow: window))
        let engine = Engine(model, options: EngineOptions(threads: 2))
        let session = try await engine.makeSession(cacheType: .f32)
        return try await engine.logits(of: tokens, in: session)
    }

    @Test func refusesWhatItCannot() throws {
        let tiny = try TinyCheckpoint("llama")
        let file = tiny.folder.file("model.gguf")
        try Checkpoint(tiny.url).converted().write(to: file)
        // A folder that holds something already.
        #expect(throws: ConversionError.self) { try CheckpointExporter(GGUFFile(file)).write(to: tiny.url) }
        var metadata = GGUFMetadata()
        metadata["general.architecture"] = .string("mamba")
        let other = tiny.folder.file("other.gguf")
        try GGUFWriter(metadata: metadata).write(to: other) { _, _ in }
        #expect(throws: ConversionError.self) { try CheckpointExporter(GGUFFile(other)) }
    }
}
