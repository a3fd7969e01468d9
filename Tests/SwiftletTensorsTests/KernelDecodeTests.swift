import Foundation
import SwiftletTensors
import Testing

/// The kernels' own reading of formats against the reference's decoded bits (shared/conformance/quants).
@Suite struct KernelDecodeTests {
    static let folder: URL = {
        let shared =
            ProcessInfo.processInfo.environment["SWIFTLET_SHARED"].map { URL(filePath: $0) }
            ?? URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared")
            .standardizedFileURL
        return shared.appending(path: "conformance/quants")
    }()
    static let present = FileManager.default.fileExists(atPath: folder.path(percentEncoded: false))

    @Test(.enabled(if: present), arguments: RandomWeight.types.filter { $0 != .f32 }, InstructionSet.available)
    func decodesTheReferencesBits(type: ElementType, set: InstructionSet) throws {
        let name = type.name
        let encoded = try Data(contentsOf: Self.folder.appending(path: "\(name).plain.bin"))
        let expected = try Data(contentsOf: Self.folder.appending(path: "\(name).plain.f32"))
        let rows = 16, columns = 1024
        let buffer = AlignedBuffer(byteCount: encoded.count)
        encoded.copyBytes(to: buffer.bytes)
        let tensor = try TensorView(
            name: name, shape: [rows, columns], type: type, bytes: UnsafeRawBufferPointer(buffer.bytes), owner: buffer)
        let compute = Compute(threads: 1, instructionSet: set)
        let output = Matrix(rows, columns)
        let ids = (0..<Int32(rows)).map { $0 }
        ids.withUnsafeBufferPointer { compute.embed($0, table: tensor, into: output.view) }
        let bits = expected.withUnsafeBytes { Array($0.bindMemory(to: UInt32.self)) }
        #expect(output.bits == bits)
    }
}
