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
        try Self.expectSame(first, second)
    }

    /// Weights in any number of files, from one for all to one for each.
    @Test(arguments: [1, 9000, 60_000, .max], ["llama", "mixtral", "gemma2"])
    func givesTheSameFileFromShards(size: Int, name: String) throws {
        let tiny = try TinyCheckpoint(name)
        let first = tiny.folder.file("first.gguf")
        try Checkpoint(tiny.url).converted().write(to: first)
        let folder = tiny.folder.file("exported")
        try CheckpointExporter(GGUFFile(first)).write(to: folder, shardSize: size)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let weights = names.filter { $0.hasSuffix(".safetensors") }.sorted()
        let files = try weights.map { try SafetensorsFile(folder.appending(path: $0)) }
        for file in files {
            let bytes = file.tensors.reduce(0) { $0 + $1.bytes.count }
            #expect(bytes <= size || file.tensors.count == 1, "\(bytes) bytes in \(file.url.lastPathComponent)")
        }
        if size == .max {
            #expect(weights == ["model.safetensors"] && !names.contains(SafetensorsCheckpoint.indexName))
        } else {
            #expect(size > 1 || files.allSatisfy { $0.tensors.count == 1 })
            #expect(
                weights.count > 1
                    && weights.last == "model-\(padded(files.count))-of-\(padded(files.count)).safetensors")
            let data = try Data(contentsOf: folder.appending(path: SafetensorsCheckpoint.indexName))
            let index = try JSONValue(parsing: data)
            let total = files.reduce(0) { $0 + $1.tensors.reduce(0) { $0 + $1.bytes.count } }
            #expect(index["metadata"]?["total_size"]?.integer == total)
            #expect(index["weight_map"]?.object?.count == files.reduce(0) { $0 + $1.tensors.count })
        }
        let second = tiny.folder.file("second.gguf")
        try Checkpoint(folder).converted().write(to: second)
        try Self.expectSame(first, second)
    }

    private func padded(_ number: Int) -> String { String(("0000" + String(number)).suffix(5)) }

    /// The same tensors in any order, and at least the same metadata.
    private static func expectSame(_ first: URL, _ second: URL) throws {
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

    @Test func tellsHowFarItIs() throws {
        let tiny = try TinyCheckpoint("llama")
        let file = tiny.folder.file("model.gguf")
        var (seen, total) = (0, 0)
        let note: (Int, Int) -> Void = { bytes, of in
            #expect(bytes > seen && bytes <= of && (total == 0 || of == total))
            (seen, total) = (bytes, of)
        }
        try Checkpoint(tiny.url).converted().write(to: file, progress: note)
        #expect(try seen == total && total == GGUFFile(file).tensors.reduce(0) { $0 + $1.byteCount })
        (seen, total) = (0, 0)
        try CheckpointExporter(GGUFFile(file)).write(to: tiny.folder.file("hf"), shardSize: 20_000, progress: note)
        #expect(seen > 0 && seen == total)
    }

    /// Cancelled before or in the middle, it leaves nothing of its own.
    @Test(arguments: [true, false]) func interruption(intoFolder isThere: Bool) async throws {
        let tiny = try TinyCheckpoint("llama")
        let file = tiny.folder.file("model.gguf")
        try Checkpoint(tiny.url).converted().write(to: file)
        let folder = tiny.folder.file("hf")
        if isThere { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false) }
        let exporter = try CheckpointExporter(GGUFFile(file))
        let task = Task {
            var calls = 0
            try exporter.write(to: folder, shardSize: 20_000) { _, _ in
                calls += 1
                if calls == 5 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        let left = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(left == (isThere ? [] : nil))
    }

    @Test func refusesWhatItCannot() throws {
        let tiny = try TinyCheckpoint("llama")
        let file = tiny.folder.file("model.gguf")
        try Checkpoint(tiny.url).converted().write(to: file)
        // A folder that holds something already, and what is no folder: both stay as they are.
        for place in [tiny.url, file, file.appending(path: "below")] {
            #expect(throws: ConversionError.self) { try CheckpointExporter(GGUFFile(file)).write(to: place) }
        }
        #expect(FileManager.default.fileExists(atPath: tiny.url.appending(path: "model.safetensors").path))
        _ = try GGUFFile(file)
        var metadata = GGUFMetadata()
        metadata["general.architecture"] = .string("mamba")
        let other = tiny.folder.file("other.gguf")
        try GGUFWriter(metadata: metadata).write(to: other) { _, _ in }
        #expect(throws: ConversionError.self) { try CheckpointExporter(GGUFFile(other)) }
    }
}
