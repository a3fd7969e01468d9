import Foundation
import SwiftletModelFiles
import SwiftletQuantizer

/// Real models for tests; `make test` gets them and names them.
enum TestModel {
    /// SmolLM2-135M-Instruct in Q4_1.
    static let smollm2: URL? = {
        guard let path = ProcessInfo.processInfo.environment["SWIFTLET_TEST_MODEL"] else { return nil }
        return FileManager.default.fileExists(atPath: path) ? URL(filePath: path) : nil
    }()

    /// Removed when the process ends.
    static let folder: URL = {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "swiftlet-quantizer-\(UUID())", directoryHint: .isDirectory)
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(at: TestModel.folder) }
        return folder
    }()

    private static let f16Result = Result {
        let url = folder.appending(path: "smollm2-f16.gguf")
        var options = QuantizationOptions(.f16)
        options.allowsRequantizing = true
        guard let smollm2 else { throw CocoaError(.fileNoSuchFile) }
        let source = try GGUFFile(smollm2)
        try Quantizer(QuantizationPlan(source, options), of: source).write(to: [url])
        return url
    }

    /// The same model requantized to F16, made once.
    static func f16() throws -> URL { try f16Result.get() }
}
