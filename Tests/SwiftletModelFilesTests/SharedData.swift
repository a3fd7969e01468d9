import Foundation

/// The conformance data beside the repository; tests that need it are skipped where it is absent.
enum SharedData {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["SWIFTLET_SHARED"] { return URL(fileURLWithPath: path) }
        return URL(fileURLWithPath: #filePath).appending(path: "../../../../shared").standardized
    }()

    static var isPresent: Bool {
        FileManager.default.fileExists(
            atPath: folder.appending(path: "conformance/README.md").path(percentEncoded: false))
    }

    /// The GGUF files of some folders under `conformance`, by path.
    static func ggufFiles(in folders: String...) -> [URL] {
        folders.flatMap { name in
            let files = try? FileManager.default.contentsOfDirectory(
                at: folder.appending(path: "conformance/\(name)"), includingPropertiesForKeys: nil)
            return (files ?? []).filter { $0.pathExtension == "gguf" }.sorted { $0.path < $1.path }
        }
    }
}
