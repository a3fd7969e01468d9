import Foundation

/// The model and the conformance data that some tests need; they are skipped where those are absent.
enum TestData {
    /// `SWIFTLET_TEST_MODEL`: SmolLM2-135M-Instruct, as `make test` pulls it.
    static let model: String? = {
        guard let path = ProcessInfo.processInfo.environment["SWIFTLET_TEST_MODEL"],
            FileManager.default.fileExists(atPath: path)
        else { return nil }
        return path
    }()

    static var hasModel: Bool { model != nil }

    static let shared: URL = {
        if let path = ProcessInfo.processInfo.environment["SWIFTLET_SHARED"] { return URL(filePath: path) }
        return URL(filePath: #filePath).appending(path: "../../../../shared").standardized
    }()

    static var hasShared: Bool {
        FileManager.default.fileExists(
            atPath: shared.appending(path: "conformance/README.md").path(percentEncoded: false))
    }

    static func conformance(_ path: String) -> URL { shared.appending(path: "conformance/\(path)") }

    static func json(_ path: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(contentsOf: conformance(path)))
    }
}
