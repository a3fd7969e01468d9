import Foundation
import SwiftletGround
import SwiftletModelFiles
import Testing

/// What the writer writes, the strict reader reads.
@Suite struct SafetensorsWriterTests {
    private func temporary() -> URL {
        FileManager.default.temporaryDirectory.appending(path: "writer-\(UUID().uuidString).safetensors")
    }

    private func write(_ writer: SafetensorsWriter, to url: URL, _ contents: [[UInt8]]) throws {
        try writer.write(to: url) { index, write in
            // In two pieces, as who streams does it.
            let half = contents[index].count / 2
            try contents[index].withUnsafeBytes { bytes in
                try write(UnsafeRawBufferPointer(rebasing: bytes[..<half]))
                try write(UnsafeRawBufferPointer(rebasing: bytes[half...]))
            }
        }
    }

    @Test func isReadBack() throws {
        var writer = SafetensorsWriter()
        try writer.add("b.weight", type: .f32, shape: [2, 3])
        try writer.add("a \"quoted\" ñ", type: .bf16, shape: [5])
        try writer.add("scalar", type: .u8, shape: [])
        try writer.add("empty", type: .f16, shape: [0, 4])
        let contents = [24, 10, 1, 0].map { count in (0..<count).map { UInt8($0) } }
        let url = temporary()
        defer { try? FileManager.default.removeItem(at: url) }
        try write(writer, to: url, contents)
        let file = try SafetensorsFile(url)
        #expect(file.dataOffset % 8 == 0)
        #expect(file.metadata["format"]?.string == "pt")
        #expect(file.tensors.map(\.name) == writer.tensors.map(\.name))
        for (tensor, bytes) in zip(file.tensors, contents) { #expect(tensor.bytes.elementsEqual(bytes)) }
        #expect(file.tensor(named: "b.weight")?.shape == [2, 3])
    }

    @Test func refusesContradictions() throws {
        var writer = SafetensorsWriter()
        try writer.add("a", type: .f32, shape: [2])
        #expect(throws: ModelFileError.self) { try writer.add("a", type: .f32, shape: [2]) }
        #expect(throws: ModelFileError.self) { try writer.add("__metadata__", type: .f32, shape: [2]) }
        #expect(throws: ModelFileError.self) { try writer.add("b", type: .f32, shape: [-1]) }
        #expect(throws: ModelFileError.self) { try writer.add("c", type: .f32, shape: [1 << 40, 1 << 40]) }
        #expect(throws: ModelFileError.self) { try writer.add("d", type: .f4, shape: [3]) }
        for size in [7, 9] {
            let url = temporary()
            #expect(throws: ModelFileError.self) { try write(writer, to: url, [[UInt8](repeating: 0, count: size)]) }
            #expect(!FileManager.default.fileExists(atPath: url.path))
        }
    }
}
