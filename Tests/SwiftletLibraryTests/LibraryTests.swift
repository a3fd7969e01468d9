import Foundation
import SwiftletGround
import SwiftletLibrary
import Testing

@Suite struct LibraryTests {
    private func write(_ bytes: [UInt8], _ library: Library, _ name: String) throws -> String {
        let url = library.home.deletingLastPathComponent().appending(path: name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return url.path
    }

    @Test func keepsAFileUnderItsName() async throws {
        try await withLibrary { library in
            let bytes = TinyModel.bytes()
            let path = try write(bytes, library, "Tiny-F32.gguf")
            let manifest = try await library.pull(path)
            #expect(manifest.name == "tiny:f32")
            #expect(manifest.files.map(\.sha256) == [sha256(bytes)])
            #expect(manifest.facts?.architecture == "llama")
            #expect(manifest.facts?.parameters == 100_000)
            #expect(manifest.facts?.quantization == "F32")
            #expect(manifest.facts?.cacheNumbersPerToken == 3 * 2 * 32)
            for text in ["tiny:f32", "tiny", "TINY:F32"] {
                let location = try library.resolve(text)
                #expect(try Data(contentsOf: location.url) == Data(bytes))
                #expect(location.name?.description == "tiny:f32")
            }
            #expect(try library.resolve(path).manifest == nil)
            #expect(library.files(in: "partial") == [])
            #expect(library.models().manifests.map(\.name) == ["tiny:f32"])
        }
    }

    @Test func sharesBlobsBetweenNames() async throws {
        try await withLibrary { library in
            let path = try write(TinyModel.bytes(), library, "a.gguf")
            try await library.pull(path, as: ModelName("one"))
            try library.copy(ModelName("one"), to: ModelName("me/two:x"))
            #expect(library.names().map(\.description) == ["me/two:x", "one:latest"])
            #expect(library.files(in: "blobs").count == 1)
            #expect(try library.remove(ModelName("one")).freed == 0)
            #expect(library.files(in: "blobs").count == 1)
            #expect(try library.remove(ModelName("me/two")).freed == TinyModel.bytes().count)
            #expect(library.files(in: "blobs") == [])
            #expect(library.files(in: "manifests") == [])
        }
    }

    /// Files of other programs' stores have no ending.
    @Test func aFileIsAModelByItsContent() async throws {
        try await withLibrary { library in
            let path = try write(TinyModel.bytes(), library, "sha256-4f2a")
            let manifest = try await library.pull(path, as: ModelName("m:a"))
            #expect(manifest.files.map(\.role) == [.model])
            #expect(manifest.facts?.architecture == "llama")
        }
    }

    @Test func explainsNamesThatAreNotThere() async throws {
        try await withLibrary { library in
            let path = try write(TinyModel.bytes(), library, "a.gguf")
            try await library.pull(path, as: ModelName("m:a"))
            try await library.pull(path, as: ModelName("m:b"))
            func code(_ text: String) -> LibraryError? {
                do {
                    _ = try library.resolve(text)
                    return nil
                } catch {
                    return error
                }
            }
            #expect(code("m")?.code == .ambiguous)
            #expect(code("m:c")?.code == .notFound)
            #expect(code("m:c")?.advice?.contains("m:a") == true)
            #expect(code("smollm2:135m")?.advice == "Get it with: swiftlet pull smollm2:135m")
            #expect(code("/nowhere/x.gguf")?.code == .notFound)
            #expect(code("./x.gguf")?.code == .notFound)
            #expect(code("../../no-such-folder/x")?.code == .notFound)
            #expect(code("a/../../etc")?.code == .name)
            #expect(throws: LibraryError.self) { try library.remove(ModelName("nothing")) }
        }
    }

    @Test func refusesFilesThatAreNoModels() async throws {
        try await withLibrary { library in
            let bytes = TinyModel.bytes()
            for (name, content) in [
                ("text.gguf", Array("hello".utf8)), ("empty.gguf", []), ("cut.gguf", Array(bytes.prefix(60))),
                ("short.gguf", Array(bytes.dropLast(100))),
            ] {
                let path = try write(content, library, name)
                let error = await #expect(throws: LibraryError.self) { try await library.pull(path) }
                #expect(error?.code == .notAModel, "\(name)")
            }
            #expect(library.names() == [])
            #expect(library.files(in: "blobs") == [])
        }
    }

    @Test(arguments: [
        "", "{", "null", "[]", "{\"version\": 2}", "{\"version\": 1}", "{\"version\": 1, \"files\": []}",
        #"{"version":1,"name":"x","source":"y","pulled":"2026-01-01T00:00:00Z","files":[]}"#,
        #"{"version":1,"name":"x","source":"y","pulled":"2026-01-01T00:00:00Z","files":[{"role":"model","name":"../../x","size":1,"sha256":"00"}]}"#,
        #"{"version":1,"name":"x","source":"y","pulled":"soon","files":[]}"#,
    ])
    func survivesDamagedManifests(text: String) async throws {
        try await withLibrary { library in
            let path = try write(TinyModel.bytes(), library, "a.gguf")
            try await library.pull(path, as: ModelName("good"))
            try FileManager.default.createDirectory(
                at: library.home.appending(path: "manifests/bad"), withIntermediateDirectories: true)
            let file = library.home.appending(path: "manifests/bad/latest.json")
            try Data(text.utf8).write(to: file)
            let error = #expect(throws: LibraryError.self) { try library.resolve("bad") }
            #expect(error?.code == .manifest)
            let (good, damaged) = library.models()
            #expect(good.map(\.name) == ["good:latest"])
            #expect(damaged.count == 1)
            // While one manifest cannot be read, nobody knows whose the blobs are.
            #expect(try library.remove(ModelName("good")).freed == 0)
            try library.remove(ModelName("bad"))
            #expect(library.names() == [])
        }
    }

    @Test func reportsAMissingBlobAndGetsItAgain() async throws {
        try await withLibrary { library in
            let path = try write(TinyModel.bytes(), library, "a.gguf")
            try await library.pull(path, as: ModelName("m"))
            let blob = try library.resolve("m").url
            try FileManager.default.removeItem(at: blob)
            let error = #expect(throws: LibraryError.self) { try library.resolve("m") }
            #expect(error?.code == .missingBlob)
            try await library.pull(path, as: ModelName("m"))
            #expect(try library.resolve("m").url == blob)
        }
    }

    @Test func keepsACheckpointFolder() async throws {
        try await withLibrary { library in
            _ = try write(Array(#"{"model_type": "bert", "hidden_size": 384}"#.utf8), library, "c/config.json")
            _ = try write(Array("{}".utf8), library, "c/1_Pooling/config.json")
            _ = try write(Array("{}".utf8), library, "c/tokenizer.json")
            let folder = library.home.deletingLastPathComponent().appending(path: "c").path
            let manifest = try await library.pull(folder)
            #expect(manifest.name == "c:latest")
            #expect(manifest.files.map(\.role) == [.config, .config, .tokenizer])
            #expect(manifest.facts?.architecture == "bert")
            let place = try library.resolve("c").url
            #expect(try String(contentsOf: place.appending(path: "1_Pooling/config.json"), encoding: .utf8) == "{}")
            try library.remove(ModelName("c"))
            #expect(library.files(in: "checkpoints") == [])
            #expect(library.files(in: "blobs") == [])
        }
    }

    @Test func removesWhatNoNameNeeds() async throws {
        try await withLibrary { library in
            let path = try write(TinyModel.bytes(), library, "a.gguf")
            try await library.pull(path, as: ModelName("m"))
            let strays = ["blobs/sha256-00", "partial/x.data", "partial/x.json", "checkpoints/00/config.json"]
            try FileManager.default.createDirectory(
                at: library.home.appending(path: "checkpoints/00"), withIntermediateDirectories: true)
            for stray in strays { try Data([1, 2, 3]).write(to: library.home.appending(path: stray)) }
            #expect(try library.removeUnused() == 6)
            #expect(library.files(in: "partial") == [])
            #expect(library.files(in: "checkpoints") == [])
            #expect(library.files(in: "blobs").count == 1)
            #expect(try library.resolve("m").url.lastPathComponent.hasPrefix("sha256-"))
        }
    }

    @Test func readsWithoutWriting() async throws {
        try await withLibrary { library in
            try FileManager.default.removeItem(at: library.home)
            #expect(library.models().manifests.isEmpty)
            #expect(throws: LibraryError.self) { try library.resolve("m") }
            #expect(!FileManager.default.fileExists(atPath: library.home.path))
            try Data().write(to: library.home)
            let environment = library.environment
            let error = #expect(throws: LibraryError.self) { try Library(environment) }
            #expect(error?.code == .storage)
        }
    }

    @Test func removesAndPullsAtOnceWithoutLosingFiles() async throws {
        try await withLibrary { library in
            let path = try write(TinyModel.bytes(40_000), library, "a.gguf")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<4 {
                    group.addTask {
                        for _ in 0..<10 {
                            let name = try ModelName("n\(index)")
                            try await library.pull(path, as: name)
                            #expect(
                                FileManager.default.isReadableFile(atPath: try library.resolve("n\(index)").url.path))
                            if index > 0 { try library.remove(name) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(library.names().map(\.description) == ["n0:latest"])
            #expect(library.files(in: "blobs").count == 1)
        }
    }
}
