import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Testing

@Suite struct GGUFWriterTests {
    static let fixture = URL(fileURLWithPath: #filePath).appending(path: "../../Fixtures/gguf/gguf-py.gguf")
        .standardized

    /// Reads a file and writes its content to another; returns the two as bytes.
    static func roundTrip(_ url: URL) throws -> (Data, Data) {
        let copy = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID()).gguf")
        defer { try? FileManager.default.removeItem(at: copy) }
        try write(GGUFFile(url), to: copy)
        return (try Data(contentsOf: url), try Data(contentsOf: copy))
    }

    static func write(_ file: GGUFFile, to url: URL) throws {
        var writer = try GGUFWriter(metadata: file.metadata, version: file.version)
        for tensor in file.tensors { try writer.add(tensor.name, type: tensor.type, dimensions: tensor.dimensions) }
        try writer.write(to: url) { tensor, write in
            guard let view = file.tensor(named: tensor.name) else { return }
            // In two pieces, as a quantizer would.
            let middle = view.bytes.count / 3
            try write(UnsafeRawBufferPointer(rebasing: view.bytes[..<middle]))
            try write(UnsafeRawBufferPointer(rebasing: view.bytes[middle...]))
        }
    }

    @Test(.enabled(if: SharedData.isPresent)) func conformanceFilesKeepTheirBytes() throws {
        let urls = SharedData.ggufFiles(in: "architectures", "tokenizers", "files")
        #expect(urls.count > 40)
        for url in urls {
            let (original, copy) = try Self.roundTrip(url)
            #expect(original == copy, "\(url.lastPathComponent)")
        }
    }

    @Test func writesTheBytesOfGGUFPy() throws {
        var metadata = GGUFMetadata()
        metadata["general.architecture"] = .string("llama")
        metadata["test.uint8"] = .uint8(200)
        metadata["test.int8"] = .int8(-100)
        metadata["test.uint16"] = .uint16(60000)
        metadata["test.int16"] = .int16(-30000)
        metadata["test.uint32"] = .uint32(4_000_000_000)
        metadata["test.int32"] = .int32(-2_000_000_000)
        metadata["test.float32"] = .float32(0.1)
        metadata["test.uint64"] = .uint64(1 << 63 + 1)
        metadata["test.int64"] = .int64(-1 << 62)
        metadata["test.float64"] = .float64(0.1)
        metadata["test.bool"] = .bool(true)
        metadata["test.string"] = .string("caf\u{E9} \u{A9}")
        metadata["test.strings"] = .array(["a", "", "\u{E9}", "e\u{301}"])
        metadata["test.bytes"] = .array(GGUFArray(byteStrings: [[0xFF, 0xFE], Array("ok".utf8)]))
        metadata["test.integers"] = .array(GGUFArray([1, -2, 3] as [Int32]))
        metadata["test.floats"] = .array(GGUFArray([1.5, -2.25] as [Float]))
        metadata["test.bools"] = .array(GGUFArray([true, false, true]))
        metadata["test.nested"] = .array(
            GGUFArray(arrays: [GGUFArray([1, 2] as [Int32]), GGUFArray([3] as [Int32])]))

        var writer = try GGUFWriter(metadata: metadata)
        try writer.add("f32", type: .f32, shape: [2, 3])
        try writer.add("f16", type: .f16, shape: [5])
        try writer.add("q8_0", type: .q8_0, shape: [2, 64])
        try writer.add("experts", type: .f32, shape: [2, 3, 4])
        let url = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID()).gguf")
        defer { try? FileManager.default.removeItem(at: url) }
        try writer.write(to: url) { tensor, write in
            switch tensor.name {
            case "f16": try [0, 0x3C00, 0x4000, 0x4200, 0x4400 as UInt16].withUnsafeBytes(write)
            case "q8_0": try (0..<136).map { UInt8($0) }.withUnsafeBytes(write)
            default: try (0..<tensor.byteCount / 4).map { Float($0) }.withUnsafeBytes(write)
            }
        }
        #expect(try Data(contentsOf: url) == Data(contentsOf: Self.fixture))
    }

    @Test func readsWhatGGUFPyWrote() throws {
        let (original, copy) = try Self.roundTrip(Self.fixture)
        #expect(original == copy)
        let file = try GGUFFile(Self.fixture)
        let metadata = file.metadata
        #expect(try metadata.integer("test.uint64", as: UInt64.self) == 1 << 63 + 1)
        #expect(try metadata.float("test.float64") == 0.1)
        #expect(try metadata.byteStrings("test.bytes") == [[0xFF, 0xFE], Array("ok".utf8)])
        #expect(throws: ModelFileError.self) { try metadata.strings("test.bytes") }
        #expect(throws: ModelFileError.self) { try metadata.integer("test.uint64") }
        #expect(try metadata.bools("test.bools") == [true, false, true])
        #expect(try metadata.floats("test.floats") == [1.5, -2.25])
        #expect(file.tensor(named: "experts")?.shape == [2, 3, 4])
        #expect(file.tensor(named: "f32")?.decoded() == [0, 1, 2, 3, 4, 5])
    }

    @Test func refusesWhatReadersWouldRefuse() throws {
        var writer = try GGUFWriter(metadata: GGUFMetadata())
        try writer.add("a", type: .f32, shape: [1])
        #expect(throws: ModelFileError.self) { try writer.add("a", type: .f32, shape: [1]) }
        #expect(throws: ModelFileError.self) { try writer.add("b", type: .q4_0, shape: [31]) }
        #expect(throws: ModelFileError.self) { try writer.add("c", type: .f32, shape: [1, 1, 1, 1, 1]) }
        #expect(throws: ModelFileError.self) { try writer.add("d", type: .f32, shape: [.max, 2]) }
        #expect(throws: ModelFileError.self) { try writer.add("e", type: .i8, shape: [.max]) }
        #expect(throws: ModelFileError.self) {
            try writer.add(String(repeating: "n", count: 64), type: .f32, shape: [1])
        }
        var metadata = GGUFMetadata()
        metadata["general.alignment"] = .uint32(48)
        #expect(throws: ModelFileError.self) { try GGUFWriter(metadata: metadata) }
        #expect(writer.tensors.map(\.name) == ["a"])
    }

    @Test func aFailureLeavesTheOldFileAndNothingElse() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appending(path: "model.gguf")
        try Data("old".utf8).write(to: url)
        var writer = try GGUFWriter(metadata: GGUFMetadata())
        try writer.add("a", type: .f32, shape: [4])
        for supplied in [0, 3, 5] {
            #expect(throws: ModelFileError.self) {
                try writer.write(to: url) { _, write in
                    try [Float](repeating: 1, count: supplied).withUnsafeBytes(write)
                }
            }
        }
        struct Interruption: Error {}
        #expect(throws: Interruption.self) { try writer.write(to: url) { _, _ in throw Interruption() } }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["model.gguf"])
        #expect(try Data(contentsOf: url) == Data("old".utf8))

        #expect(throws: ModelFileError.self) { try writer.write(to: folder.appending(path: "no/such")) { _, _ in } }
        // A folder has the name: the file is complete, but cannot get it.
        let taken = folder.appending(path: "taken")
        try FileManager.default.createDirectory(at: taken.appending(path: "x"), withIntermediateDirectories: true)
        #expect(throws: ModelFileError.self) {
            try writer.write(to: taken) { _, write in try [1, 2, 3, 4 as Float].withUnsafeBytes(write) }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["model.gguf", "taken"])
    }
}
