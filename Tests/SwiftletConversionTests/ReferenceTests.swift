import Crypto
import Foundation
import SwiftletConversion
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Testing

/// Converted files against those of the reference converter: equal bytes.
@Suite struct ReferenceTests {
    @Test(arguments: Fixtures.names, ["auto", "f32"])
    func equalsReference(name: String, type: String) throws {
        let tiny = try TinyCheckpoint(name)
        let output = tiny.folder.file("out.gguf")
        try Checkpoint(tiny.url).converted(to: try #require(OutputType(rawValue: type))).write(to: output)
        let plain = tiny.folder.file("plain.gguf")
        try GGUFFile(output).withoutOwnKeys(plain)
        let digest = SHA256.hash(data: try Data(contentsOf: plain)).hexadecimal
        #expect(digest == tiny.expected(type))
    }

    @Test func coversAllArchitectures() {
        #expect(Fixtures.names.count == 13)
    }

    /// Rows in any pieces are the same bytes, as who streams the conversion needs.
    @Test(arguments: ["llama", "mixtral", "granitemoe", "gemma2"])
    func readsRowsInAnyPieces(name: String) throws {
        let tiny = try TinyCheckpoint(name)
        let model = try Checkpoint(tiny.url).converted(to: .f32)
        for (index, tensor) in model.tensors.enumerated() {
            var whole: [UInt8] = []
            try model.withUnsafeRows(0..<tensor.rows, ofTensor: index) { whole += $0 }
            #expect(whole.count == tensor.byteCount)
            for step in [1, 7] where tensor.rows < 400 {
                var pieces: [UInt8] = []
                for first in stride(from: 0, to: tensor.rows, by: step) {
                    try model.withUnsafeRows(first..<min(first + step, tensor.rows), ofTensor: index) { pieces += $0 }
                }
                #expect(pieces == whole, "\(tensor.name), \(step) rows at a time")
            }
        }
    }

    /// `null` in config.json is as good as nothing.
    @Test func readsNulls() throws {
        let nulls: JSONObject = ["rope_scaling": nil, "sliding_window": nil, "head_dim": nil, "pad_token_id": nil]
        let tiny = try TinyCheckpoint("llama", settings: nulls)
        let plain = try TinyCheckpoint("llama")
        let (one, other) = (try Checkpoint(tiny.url).converted(), try Checkpoint(plain.url).converted())
        #expect(one.metadata.entries.map(\.value) == other.metadata.entries.map(\.value))
    }

    @Test func readsShards() throws {
        let tiny = try TinyCheckpoint("llama")
        let whole = try SafetensorsFile(tiny.url.appending(path: "model.safetensors"))
        var map = JSONObject()
        for part in 0..<2 {
            var writer = SafetensorsWriter()
            let tensors = whole.tensors.enumerated().filter { $0.offset % 2 == part }.map(\.element)
            let name = "model-0000\(part + 1)-of-00002.safetensors"
            for tensor in tensors {
                try writer.add(tensor.name, type: tensor.type, shape: tensor.shape)
                map[tensor.name] = .string(name)
            }
            try writer.write(to: tiny.url.appending(path: name)) { index, write in try write(tensors[index].bytes) }
        }
        try FileManager.default.removeItem(at: tiny.url.appending(path: "model.safetensors"))
        let index: JSONObject = ["weight_map": .object(map)]
        try Data(index.text().utf8).write(to: tiny.url.appending(path: SafetensorsCheckpoint.indexName))
        let sharded = try Checkpoint(tiny.url).converted(to: .f32)
        let single = try Checkpoint(TinyCheckpoint("llama").url).converted(to: .f32)
        #expect(Set(sharded.tensors.map(\.name)) == Set(single.tensors.map(\.name)))
    }
}
