import Crypto
import Foundation
import SwiftletModelFiles
import SwiftletQuantizer
import SwiftletTensors
import Testing

/// Whole files equal to the reference's (conformance/files): the model of the tests requantized to F16, and that to
/// everything else.
@Suite(.enabled(if: SharedData.isPresent && TestModel.smollm2 != nil), .serialized) struct WholeFileTests {
    static let index = ConformanceFiles.load()

    private static func hash(of url: URL) throws -> String {
        let file = try MappedFile(url)
        return withExtendedLifetime(file) { hash(file.bytes) }
    }

    /// 64 hexadecimal digits.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> String {
        SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }

    @Test func inputIsTheReferences() throws {
        let input = try TestModel.f16()
        #expect(try Self.hash(of: input) == Self.index?.input)
    }

    @Test(arguments: index?.cases ?? []) func fileOfTheReference(_ expected: ConformanceFiles.Case) throws {
        let source = try GGUFFile(TestModel.f16())
        var options = QuantizationOptions(try FileType(named: expected.fileType))
        if expected.usesMatrix { options.importance = try ConformanceFiles.matrix() }
        let url = TestModel.folder.appending(path: "\(expected).gguf")
        defer { try? FileManager.default.removeItem(at: url) }
        try Quantizer(QuantizationPlan(source, options), of: source).write(to: [url])
        if try Self.hash(of: url) == expected.sha256 { return }
        // Which part of it is not.
        let written = try GGUFFile(url)
        #expect(written.tensors.map(\.name) == expected.tensors.map(\.name))
        for (index, tensor) in written.tensors.enumerated() where index < expected.tensors.count {
            let wanted = expected.tensors[index]
            #expect(tensor.type.name == wanted.type, "\(tensor.name)")
            let hash = Self.hash(written.tensor(at: index).bytes)
            #expect(hash.hasPrefix(wanted.hash), "\(tensor.name), \(tensor.type.name)")
        }
        Issue.record("\(expected): the file differs")
    }

    /// One thread, many, and little memory give the same bytes.
    @Test func bytesDoNotDependOnThreadsOrMemory() throws {
        let source = try GGUFFile(TestModel.f16())
        let plan = try QuantizationPlan(source, QuantizationOptions(.q4_K_M))
        var hashes: Set<String> = []
        for resources in [
            QuantizationResources(threads: 1), .init(threads: 2), .init(threads: 7),
            .init(threads: 3, memoryLimit: 65 << 20), .init(threads: 2, memoryLimit: 0),
        ] {
            let url = TestModel.folder.appending(path: "threads.gguf")
            defer { try? FileManager.default.removeItem(at: url) }
            try Quantizer(plan, of: source, resources: resources).write(to: [url])
            hashes.insert(try Self.hash(of: url))
        }
        #expect(hashes.count == 1)
    }
}
