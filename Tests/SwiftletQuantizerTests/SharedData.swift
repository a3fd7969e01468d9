import Foundation

/// The conformance data beside the repository; tests that need it are skipped where it is absent.
enum SharedData {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["SWIFTLET_SHARED"] { return URL(fileURLWithPath: path) }
        return URL(fileURLWithPath: #filePath).appending(path: "../../../../shared").standardized
    }()

    static var isPresent: Bool {
        FileManager.default.fileExists(atPath: conformance("README.md").path(percentEncoded: false))
    }

    static func conformance(_ path: String) -> URL { folder.appending(path: "conformance/\(path)") }
}
