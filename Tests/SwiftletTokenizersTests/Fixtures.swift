import Foundation
import SwiftletGround

/// Files of Tests/Fixtures/tokenizers, each with a note of what made it.
enum Fixtures {
    static func url(_ name: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/tokenizers/\(name).json")
    }

    static func json(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: Data(contentsOf: url(name)))
    }
}
