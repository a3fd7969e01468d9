import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Testing

/// Files that are filled in any order, and models as streams of rows.
@Suite struct GGUFOutputTests {
    private func writer() throws -> GGUFWriter {
        var metadata = GGUFMetadata()
        metadata["general.architecture"] = .string("none")
        var writer = try GGUFWriter(metadata: metadata)
        try writer.add("a", type: .f32, dimensions: [3])
        try writer.add("b", type: .q8_0, dimensions: [32, 5])
        try writer.add("c", type: .f16, dimensions: [2, 2, 2])
        return writer
    }

    private func bytes(_ tensor: GGUFTensor) -> [UInt8] {
        (0..<tensor.byteCount).map { UInt8(truncatingIfNeeded: $0 * 7 + tensor.offset) }
    }

    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test func anyOrderGivesTheBytesOfTheWriter() throws {
        try withFolder { folder in
            let (one, other) = (folder.appending(path: "one.gguf"), folder.appending(path: "other.gguf"))
            try writer().write(to: one) { tensor, write in try bytes(tensor).withUnsafeBytes(write) }
            let output = try GGUFOutput(writer(), to: other)
            for index in output.tensors.indices.reversed() {
                try bytes(output.tensors[index]).withUnsafeBytes { all in
                    let middle = all.count / 2
                    try output.write(UnsafeRawBufferPointer(rebasing: all[middle...]), tensor: index, at: middle)
                    try output.write(UnsafeRawBufferPointer(rebasing: all[..<middle]), tensor: index, at: 0)
                }
            }
            try output.commit()
            #expect(try Data(contentsOf: one) == Data(contentsOf: other))
            #expect(try Data(contentsOf: other).count == output.byteCount)
        }
    }

    @Test func nothingIsLeftWithoutACommit() throws {
        try withFolder { folder in
            let url = folder.appending(path: "x.gguf")
            do {
                let output = try GGUFOutput(writer(), to: url)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
                withExtendedLifetime(output) {}
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test func rowsAreThoseOfTheFile() throws {
        try withFolder { folder in
            let url = folder.appending(path: "x.gguf")
            try writer().write(to: url) { tensor, write in try bytes(tensor).withUnsafeBytes(write) }
            let source: any TensorSource = try GGUFFile(url)
            #expect(source.urls == [url])
            for (index, tensor) in source.tensors.enumerated() {
                let all = bytes(tensor)
                let rowBytes = all.count / tensor.rows
                // Twice, since the memory of a row is given back after its use.
                for row in Array(0..<tensor.rows) + Array(0..<tensor.rows) {
                    var rowOfSource: [UInt8] = []
                    try source.withUnsafeRows(row..<row + 1, ofTensor: index) { rowOfSource = Array($0) }
                    #expect(rowOfSource.elementsEqual(all[row * rowBytes..<(row + 1) * rowBytes]), "\(tensor.name)")
                }
            }
        }
    }
}
