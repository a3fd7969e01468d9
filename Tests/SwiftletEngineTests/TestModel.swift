import Foundation

/// Real models for tests; `make test` gets them and names them.
enum TestModel {
    /// SmolLM2-135M-Instruct in Q4_1.
    static let smollm2: URL? = {
        guard let path = ProcessInfo.processInfo.environment["SWIFTLET_TEST_MODEL"] else { return nil }
        return FileManager.default.fileExists(atPath: path) ? URL(filePath: path) : nil
    }()
}
