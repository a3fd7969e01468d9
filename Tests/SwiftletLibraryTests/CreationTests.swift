import Foundation
import SwiftletGround
import SwiftletLibrary
import Testing

@Suite struct CreationTests {
    private func adopt(_ name: String, in library: Library) throws -> Manifest {
        let stage = try library.makeStage()
        let file = stage.url.appending(path: "tiny.gguf")
        try Data(TinyModel.bytes()).write(to: file)
        return try library.adopt([file], as: ModelName(name), source: "test", license: "mit")
    }

    @Test func makesAModelOverTheSameFiles() async throws {
        try await withLibrary { library in
            let base = try adopt("tiny:base", in: library)
            let settings = ModelSettings(system: "Be brief.", parameters: ["stop": ["a"], "temperature": 0.5])
            let made = try library.create(ModelName("mine"), from: ModelName("tiny"), settings: settings)
            #expect(made.name == "mine:latest" && made.files == base.files && made.license == "mit")
            #expect(library.files(in: "blobs").count == 1)
            let read = try library.manifest(ModelName("mine"))
            #expect(read.settings?.system == "Be brief." && read.settings?.parent == "tiny:base")
            #expect(read.settings?.parameters["stop"] == ["a"] && read.settings?.parameters["temperature"] == 0.5)
            #expect(try library.resolve("mine").url == library.resolve("tiny:base").url)
            #expect(try library.manifest(ModelName("tiny:base")).settings == nil)
            // Over itself: what is not named stays.
            try library.create(
                ModelName("mine"), from: ModelName("mine"), settings: ModelSettings(template: "{{ .Prompt }}"))
            let again = try library.manifest(ModelName("mine"))
            #expect(again.settings?.system == "Be brief." && again.settings?.template == "{{ .Prompt }}")
            // The files stay as long as a name needs them.
            try library.remove(ModelName("tiny:base"))
            #expect(library.files(in: "blobs").count == 1)
            #expect(try library.remove(ModelName("mine")).freed > 0)
        }
    }

    @Test func refusesWhatIsNotThere() async throws {
        try await withLibrary { library in
            let missing = #expect(throws: LibraryError.self) {
                try library.create(ModelName("mine"), from: ModelName("none"), settings: ModelSettings())
            }
            #expect(missing?.code == .notFound)
            let base = try adopt("tiny:base", in: library)
            try FileManager.default.removeItem(at: library.home.appending(path: "blobs/sha256-\(base.files[0].sha256)"))
            let lost = #expect(throws: LibraryError.self) {
                try library.create(ModelName("mine"), from: ModelName("tiny"), settings: ModelSettings())
            }
            #expect(lost?.code == .missingBlob)
            #expect(library.names().count == 1)
        }
    }

    @Test func readsManifestsOfOldAndRefusesDamagedSettings() async throws {
        try await withLibrary { library in
            _ = try adopt("tiny:base", in: library)
            let file = library.home.appending(path: "manifests/tiny/base.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(!text.contains("settings"))
            #expect(try library.manifest(ModelName("tiny")).settings == nil)
            let damaged = text.replacing("\"version\" :", with: "\"settings\" : {\"messages\" : 3},\n  \"version\" :")
            #expect(damaged != text)
            try Data(damaged.utf8).write(to: file)
            let error = #expect(throws: LibraryError.self) { try library.manifest(ModelName("tiny")) }
            #expect(error?.code == .manifest)
        }
    }
}
