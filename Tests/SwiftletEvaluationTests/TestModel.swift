import Foundation
import SwiftletGround
import SwiftletModels
import SwiftletTokenizers

/// Real models for tests; `make test` gets them and names them.
enum TestModel {
    /// SmolLM2-135M-Instruct in Q4_1.
    static let smollm2: URL? = {
        guard let path = ProcessInfo.processInfo.environment["SWIFTLET_TEST_MODEL"] else { return nil }
        return FileManager.default.fileExists(atPath: path) ? URL(filePath: path) : nil
    }()

    /// The checkpoint of all-MiniLM-L6-v2.
    static let miniLM = ProcessInfo.processInfo.environment["SWIFTLET_TEST_MINILM"].map { URL(filePath: $0) }

    /// One of the tiny random models of conformance/architectures, and tokens for it.
    static func tiny(_ name: String) throws -> LanguageModel {
        try LanguageModel(
            contentsOf: Shared.url("conformance/architectures/\(name).gguf"),
            options: ModelOptions(slidingWindow: .ignore))
    }

    static func tinyTokens(_ count: Int) -> [TokenID] { (0..<count).map { TokenID($0 * 37 % 128) } }

    /// Removed when the process ends.
    static let folder: URL = {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "swiftlet-evaluation-\(UUID())", directoryHint: .isDirectory)
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(at: TestModel.folder) }
        return folder
    }()
}
