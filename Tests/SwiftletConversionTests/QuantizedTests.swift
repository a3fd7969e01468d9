import Foundation
import SwiftletConversion
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Testing

/// Checkpoints that are quantized already, against the numbers of the libraries that made them.
@Suite struct QuantizedTests {
    static let weight = "model.layers.0.self_attn.v_proj.weight"
    static let names: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: Fixtures.folder.appending(path: "quantized").path)
        return (names ?? []).filter { $0.hasSuffix(".safetensors") }.map { String($0.dropLast(12)) }.sorted()
    }()

    private static func fixture(_ name: String) throws -> (file: SafetensorsFile, settings: JSONValue) {
        let file = try SafetensorsFile(Fixtures.folder.appending(path: "quantized/\(name).safetensors"))
        return (file, try JSONValue(parsing: try #require(file.metadata["quantization_config"]?.string)))
    }

    @Test(arguments: names)
    func decodesExactly(name: String) throws {
        let (file, settings) = try Self.fixture(name)
        let tiny = try TinyCheckpoint("llama", settings: ["quantization_config": settings], extra: file) {
            $0 == Self.weight ? nil : $1
        }
        let model = try Checkpoint(tiny.url).converted(to: .f32)
        let index = try #require(model.tensors.firstIndex { $0.name == "blk.0.attn_v.weight" })
        #expect(model.tensors[index].dimensions == [64, 32])
        var numbers: [Float] = []
        try model.withUnsafeRows(0..<32, ofTensor: index) { numbers += $0.bindMemory(to: Float.self) }
        let expected = try #require(file.tensor(named: "expected")).floats()
        #expect(numbers == expected)
        // Nothing of how it was stored is left over.
        #expect(model.tensors.count == (try Checkpoint(TinyCheckpoint("llama").url).converted(to: .f32)).tensors.count)
    }

    @Test func coversAllMethods() {
        #expect(Self.names.count == 20)
    }

    /// Tensors that are missing, or of another shape or type, are errors that name them.
    @Test(arguments: names)
    func refusesDamage(name: String) throws {
        let (file, settings) = try Self.fixture(name)
        let parts = file.tensors.filter { $0.name != "expected" }
        for damaged in parts {
            for damage in ["missing", "short", "type"] {
                let folder = try TemporaryFolder()
                var writer = SafetensorsWriter()
                var contents: [[UInt8]] = []
                for part in parts where damage != "missing" || part.name != damaged.name {
                    var shape = part.shape
                    var type = part.type
                    if part.name == damaged.name, damage == "short" {
                        shape = [1] + shape.dropFirst(shape.isEmpty ? 0 : 1)
                    }
                    if part.name == damaged.name, damage == "type" { type = .bool }
                    try writer.add(part.name, type: type, shape: shape)
                    contents.append([UInt8](repeating: 255, count: writer.tensors[writer.tensors.count - 1].byteCount))
                }
                let url = folder.file("extra.safetensors")
                try writer.write(to: url) { index, write in try contents[index].withUnsafeBytes { try write($0) } }
                let tiny = try TinyCheckpoint(
                    "llama", settings: ["quantization_config": settings], extra: SafetensorsFile(url)
                ) { $0 == Self.weight ? nil : $1 }
                // Whatever it is, it ends: with an error or with numbers.
                if let model = try? Checkpoint(tiny.url).converted(to: .f32) {
                    for (index, tensor) in model.tensors.enumerated() {
                        try? model.withUnsafeRows(0..<tensor.rows, ofTensor: index) { #expect($0.count > 0) }
                    }
                }
            }
        }
    }

    /// Shapes whose sizes overflow when they are counted with, though the tensor is empty.
    @Test func refusesEmptyTensors() throws {
        let large = Int.max
        let fp8: JSONValue = ["quant_method": "fp8", "weight_block_size": [128, 128]]
        for (settings, ending, type, shape) in [
            (["quant_method": "gptq", "bits": 4], ".qweight", SafetensorsType.i32, [large, 0]),
            (["quant_method": "awq", "bits": 4], ".qweight", .i32, [0, large]),
            (fp8, ".weight", .f8_E4M3, [large, 0]),
        ] as [(JSONValue, String, SafetensorsType, [Int])] {
            let stem = "model.layers.0.self_attn.v_proj"
            let folder = try TemporaryFolder()
            var writer = SafetensorsWriter()
            try writer.add(stem + ending, type: type, shape: shape)
            for part in [".scales", ".weight_scale_inv"] { try writer.add(stem + part, type: .f32, shape: [2, 1]) }
            try writer.write(to: folder.file("extra.safetensors")) { index, write in
                try [UInt8](repeating: 0, count: index == 0 ? 0 : 8).withUnsafeBytes { try write($0) }
            }
            let tiny = try TinyCheckpoint(
                "llama", settings: ["quantization_config": settings],
                extra: SafetensorsFile(folder.file("extra.safetensors"))
            ) { $0 == Self.weight ? nil : $1 }
            let error = #expect(throws: ConversionError.self) { try Checkpoint(tiny.url).converted(to: .f32) }
            #expect(error?.place?.contains("v_proj") == true)
        }
    }

    @Test func refusesUnknownMethods() throws {
        for settings in [
            ["quant_method": "hqq"], ["quant_method": "awq", "version": "gemv"], ["quant_method": "gptq", "bits": 5],
            ["quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized"], ["bits": 4],
        ] as [JSONValue] {
            let tiny = try TinyCheckpoint("llama", settings: ["quantization_config": settings])
            #expect(throws: ConversionError.self) { try Checkpoint(tiny.url).converted(to: .f32) }
        }
    }
}
