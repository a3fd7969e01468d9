import Foundation
import SwiftletGround

/// The reference data beside the repository, or where SWIFTLET_SHARED says.
enum Shared {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["SWIFTLET_SHARED"] { return URL(filePath: path) }
        return URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared").standardized
    }()

    static var isPresent: Bool { FileManager.default.fileExists(atPath: url("conformance/README.md").path) }

    static func url(_ path: String) -> URL { folder.appending(path: path) }

    static func floats(_ path: String) throws -> [Float] {
        try Data(contentsOf: url(path)).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: Data(contentsOf: url(path)))
    }
}
