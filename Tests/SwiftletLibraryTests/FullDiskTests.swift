import Foundation
import SwiftletGround
import SwiftletLibrary
import SwiftletModelFiles
import SwiftletTensors
import Testing

/// What is written to a disk that becomes full: a clear error, the old content under its name, and nothing else left.
@Suite(.enabled(if: TinyDisk.isPossible, "only root can mount a small disk"))
struct FullDiskTests {
    private static func expectFull(_ error: ModelFileError?) {
        #expect(error?.code == .cannotWrite)
        #expect(error?.place != nil)
        #expect(error?.advice?.contains("Free some space") == true)
    }

    private static func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func aReplacementLeavesTheOldFile() async throws {
        try await TinyDisk.with(size: 1 << 20) { disk in
            let url = disk.appending(path: "file")
            let first = try FileReplacement(url)
            try first.write(Array("old".utf8))
            try first.commit()

            var second: FileReplacement? = try FileReplacement(url)
            Self.expectFull(#expect(throws: ModelFileError.self) { try second?.checkRoom(for: 1 << 20) })
            try second?.checkRoom(for: 1 << 19)
            Self.expectFull(
                #expect(throws: ModelFileError.self) {
                    for _ in 0..<20 { try second?.write([UInt8](repeating: 1, count: 100_000)) }
                })
            #expect(try Self.names(disk).count == 2)
            second = nil
            #expect(try Self.names(disk) == ["file"])
            #expect(try Data(contentsOf: url) == Data("old".utf8))
        }
        // The folder itself takes the only place.
        try await TinyDisk.with(size: 1 << 20, files: 1) { disk in
            let url = disk.appending(path: "file")
            Self.expectFull(#expect(throws: ModelFileError.self) { try FileReplacement(url) })
        }
    }

    @Test func aModelFileIsWholeOrAbsent() async throws {
        try await TinyDisk.with(size: 1 << 20) { disk in
            let url = disk.appending(path: "model.gguf")
            var large = try GGUFWriter(metadata: GGUFMetadata())
            for name in ["a", "b", "c", "d"] { try large.add(name, type: .f32, shape: [1 << 16]) }
            // The disk has not that much room: known before anything is computed.
            var isAsked = false
            let error = #expect(throws: ModelFileError.self) {
                try large.write(to: url) { _, _ in isAsked = true }
            }
            Self.expectFull(error)
            #expect(!isAsked)
            #expect(try Self.names(disk).isEmpty)

            // Another program fills the disk meanwhile.
            var writer = try GGUFWriter(metadata: GGUFMetadata())
            for name in ["a", "b"] { try writer.add(name, type: .f32, shape: [1 << 16]) }
            let half = #expect(throws: ModelFileError.self) {
                try writer.write(to: url) { tensor, write in
                    if tensor.name == "b" { try TinyDisk.fill(disk, leaving: 100_000) }
                    try [Float](repeating: 1, count: 1 << 16).withUnsafeBytes(write)
                }
            }
            Self.expectFull(half)
            #expect(try Self.names(disk) == ["ballast"])
        }
    }

    @Test(.enabled(if: SwiftletProcess.isBuilt, "needs the built command"))
    func aPullThatDoesNotFitLeavesNothing() async throws {
        try await withLibrary { library in
            let model = library.home.deletingLastPathComponent().appending(path: "m.gguf")
            try Data(TinyModel.bytes(4_000_000)).write(to: model)
            try await TinyDisk.with(at: library.home, size: 8 << 20) {
                let end = await (try SwiftletProcess(["pull", model.path], library)).end()
                #expect(end.status == 1)
                #expect(end.errors.contains("swiftlet: error: "))
                #expect(end.errors.contains("4.00 MB are needed"), "\(end.errors)")
                #expect(end.errors.contains("Free some space"))
                for folder in ["blobs", "manifests", "partial"] { #expect(library.files(in: folder) == []) }
            }
        }
    }

    /// A disk with room for few files fails at each file and folder that a pull makes, one after the other.
    @Test(.enabled(if: SwiftletProcess.isBuilt, "needs the built command"))
    func aPullFailsWholeWhereverItFails() async throws {
        try await withLibrary { library in
            let model = library.home.deletingLastPathComponent().appending(path: "m.gguf")
            let bytes = TinyModel.bytes(100_000)
            try Data(bytes).write(to: model)
            var (places, failures) = (1, 0)
            var isDone = false
            while !isDone, places < 40 {
                try await TinyDisk.with(at: library.home, size: 32 << 20, files: places) {
                    let end = await (try SwiftletProcess(["pull", model.path], library)).end()
                    isDone = end.status == 0
                    // A whole blob without a name does no harm: the next pull finds it.
                    let blobs = library.files(in: "blobs")
                    #expect(blobs.isEmpty || blobs == ["sha256-\(sha256(bytes))"], "\(places) files")
                    #expect(library.files(in: "partial") == [], "\(places) files")
                    let names = library.files(in: "manifests").filter { !library.isFolder("manifests/\($0)") }
                    #expect(names == (isDone ? ["m/latest.json"] : []), "\(places) files")
                    guard !isDone else { return }
                    #expect(end.status == 1, "\(places) files: \(end.errors)")
                    #expect(end.errors.contains("swiftlet: error: "), "\(places) files: \(end.errors)")
                    #expect(end.errors.contains("No space left"), "\(places) files: \(end.errors)")
                    #expect(end.errors.contains("Free some space"), "\(places) files: \(end.errors)")
                }
                failures += isDone ? 0 : 1
                places += 1
            }
            #expect(isDone)
            #expect(failures >= 5, "\(failures)")
        }
    }

    @Test(.enabled(if: SwiftletProcess.isBuilt, "needs the built command"))
    func aNameIsThereWholeOrNot() async throws {
        try await withLibrary { library in
            let model = library.home.deletingLastPathComponent().appending(path: "m.gguf")
            try Data(TinyModel.bytes(100_000)).write(to: model)
            try await TinyDisk.with(at: library.home, size: 32 << 20) {
                let pull = await (try SwiftletProcess(["pull", model.path], library)).end()
                #expect(pull.status == 0, "\(pull.errors)")
                let before = library.files(in: "manifests")
                try TinyDisk.fill(library.home)
                let copy = await (try SwiftletProcess(["cp", "m", "n"], library)).end()
                #expect(copy.status == 1)
                #expect(copy.errors.contains("No space left"), "\(copy.errors)")
                #expect(copy.errors.contains("Free some space"), "\(copy.errors)")
                #expect(library.files(in: "manifests").filter { $0 != "n" } == before)
                let list = await (try SwiftletProcess(["list"], library)).end()
                #expect(list.status == 0)
                #expect(list.output.contains("m:latest") && !list.output.contains("n:latest"))
            }
        }
    }
}

extension Library {
    fileprivate func isFolder(_ path: String) -> Bool {
        var isFolder = ObjCBool(false)
        return FileManager.default.fileExists(atPath: home.appending(path: path).path, isDirectory: &isFolder)
            && isFolder.boolValue
    }
}
