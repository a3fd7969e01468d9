import Foundation
import SwiftletGround
import SwiftletLibrary
import Testing

@Suite struct AdoptionTests {
    @Test func takesInFinishedFiles() async throws {
        try await withLibrary { library in
            let bytes = TinyModel.bytes()
            let stage = try library.makeStage()
            let file = stage.url.appending(path: "tiny-q8_0.gguf")
            try Data(bytes).write(to: file)
            let manifest = try library.adopt([file], as: ModelName("tiny:q8_0"), source: "quantize:tiny:f16")
            #expect(manifest.files.map(\.sha256) == [sha256(bytes)])
            #expect(manifest.facts?.architecture == "llama")
            #expect(manifest.source == "quantize:tiny:f16")
            #expect(try Data(contentsOf: library.resolve("tiny:q8_0").url) == Data(bytes))
            #expect(!FileManager.default.fileExists(atPath: file.path))
        }
    }

    @Test func refusesWhatIsNoModel() async throws {
        try await withLibrary { library in
            let stage = try library.makeStage()
            let file = stage.url.appending(path: "bad.gguf")
            try Data("GGUF and then nothing".utf8).write(to: file)
            #expect(throws: LibraryError.self) { try library.adopt([file], as: ModelName("bad"), source: "x") }
            #expect(library.names().isEmpty && library.files(in: "blobs").isEmpty)
        }
    }

    @Test func stagesGoWithTheirOwner() async throws {
        try await withLibrary { library in
            do {
                let stage = try library.makeStage()
                try Data("half".utf8).write(to: stage.url.appending(path: "x.gguf"))
                // In use: kept.
                _ = try library.removeUnused()
                #expect(library.files(in: "stages").contains { $0.hasSuffix("x.gguf") })
                withExtendedLifetime(stage) {}
            }
            #expect(library.files(in: "stages").isEmpty)
            // Left by a program that was killed.
            let dead = library.home.appending(path: "stages/dead", directoryHint: .isDirectory)
            try FileManager.default.createDirectory(at: dead, withIntermediateDirectories: true)
            try Data("left".utf8).write(to: dead.appending(path: "y.gguf"))
            #expect(try library.removeUnused() == 4)
            #expect(library.files(in: "stages").isEmpty)
        }
    }
}
