import SwiftletLibrary
import SwiftletServer

/// Keys for a test's server.
enum TestKeys {
    /// Adds a key and returns its text.
    static func add(
        _ name: String, to library: Library, _ change: (inout APIKey) throws -> Void = { _ in }
    ) throws -> String {
        let text = KeyDigest.makeKey()
        var key = try APIKey(name: name, digest: KeyDigest(of: text))
        try change(&key)
        try KeyFile(home: library.home).add(key)
        return text
    }

    static func bearer(_ key: String) -> [(String, String)] { [("Authorization", "Bearer \(key)")] }
}
