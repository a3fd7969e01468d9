import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Testing

@Suite struct GGUFShardTests {
    /// A folder with a model of three shards; `change` may spoil what a shard says.
    static func withShards(
        tensorCount: Int32 = 3, change: (Int, inout GGUFMetadata) -> Void = { _, _ in },
        names: [String] = ["a", "b", "c"], body: (URL) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for index in 0..<3 {
            var metadata = GGUFMetadata()
            if index == 0 { metadata["general.name"] = .string("split") }
            metadata["split.no"] = .uint16(UInt16(index))
            metadata["split.count"] = .uint16(3)
            metadata["split.tensors.count"] = .int32(tensorCount)
            change(index, &metadata)
            var writer = try GGUFWriter(metadata: metadata)
            try writer.add(names[index], type: .f32, shape: [2])
            try writer.write(to: folder.appending(path: "m-0000\(index + 1)-of-00003.gguf")) { _, write in
                try [Float(index), Float(index)].withUnsafeBytes(write)
            }
        }
        try body(folder)
    }

    @Test func anyShardOpensTheModel() throws {
        try Self.withShards { folder in
            for index in 1...3 {
                let file = try GGUFFile(folder.appending(path: "m-0000\(index)-of-00003.gguf"))
                #expect(file.urls.count == 3)
                #expect(try file.metadata.string("general.name") == "split")
                #expect(file.tensors.map(\.name) == ["a", "b", "c"])
                #expect(file.tensors.map(\.shard) == [0, 1, 2])
                #expect(file.tensor(named: "c")?.decoded() == [2, 2])
            }
        }
    }

    @Test func shardsThatDoNotBelongTogether() throws {
        func problem(_ folder: URL, _ name: String = "m-00001-of-00003.gguf") -> String {
            do { _ = try GGUFFile(folder.appending(path: name)) } catch { return "\(error.code.name): \(error)" }
            return "none"
        }
        try Self.withShards(tensorCount: 4) { #expect(problem($0).contains("has 4 tensors, but its files hold 3")) }
        try Self.withShards(names: ["a", "b", "a"]) { #expect(problem($0).contains("tensor a: is in two shards")) }
        try Self.withShards(change: { if $0 == 1 { $1["split.no"] = .uint16(2) } }) {
            #expect(problem($0).contains("says that it is shard 2"))
        }
        try Self.withShards(change: { if $0 == 1 { $1["split.count"] = .uint16(4) } }) {
            #expect(problem($0).contains("split over 4 files"))
        }
        try Self.withShards(change: { if $0 == 2 { $1["split.no"] = nil } }) {
            #expect(problem($0).contains("split.no"))
        }
        try Self.withShards { folder in
            try FileManager.default.removeItem(at: folder.appending(path: "m-00002-of-00003.gguf"))
            #expect(problem(folder).contains("shard 2 of 3 is not there"))
            let alone = folder.appending(path: "alone.gguf")
            try FileManager.default.moveItem(at: folder.appending(path: "m-00001-of-00003.gguf"), to: alone)
            #expect(problem(folder, "alone.gguf").contains("split over 3 files"))
            try FileManager.default.moveItem(at: alone, to: folder.appending(path: "m-00009-of-00003.gguf"))
            #expect(problem(folder, "m-00009-of-00003.gguf").hasPrefix("shards"))
        }
        #expect(problem(FileManager.default.temporaryDirectory, "no-such.gguf").hasPrefix("cannot-read"))
        #expect(problem(FileManager.default.temporaryDirectory, "").hasPrefix("cannot-read"))
    }
}
