package import Foundation
import SwiftletGround
import SwiftletLibrary

/// The keys of a library's servers: `keys.json` in its folder or a file elsewhere, for its owner's eyes alone.
///
/// Readers take no lock, since the file is replaced whole; writers hold `keys.lock` beside it.
package struct KeyFile: Sendable {
    package let url: URL

    package init(_ url: URL) { self.url = url }

    /// `home` is the library's folder.
    package init(home: URL) {
        self.init(home.appending(path: "keys.json", directoryHint: .notDirectory))
    }

    /// The keys in the order in which they were added; none if there is no file. A file that cannot be read as keys is an
    /// error: it must not count as none.
    package func keys() throws(ServerError) -> [APIKey] {
        guard let status = FileStatus(url) else {
            guard errno == ENOENT || errno == ENOTDIR else { throw failure("cannot be read: \(Self.reason(errno))") }
            return []
        }
        guard status.isRegular, status.size <= Self.mostBytes else { throw failure("is no file of keys") }
        guard !status.othersMayWrite else {
            throw failure("others may write it", advice: "Look at what it holds, then: chmod 600 \(path)")
        }
        do {
            return try Self.keys(in: Data(contentsOf: url))
        } catch let error as CocoaError {
            throw failure("cannot be read: \(error.localizedDescription)")
        } catch {
            throw failure(RequestFailure(error).message)
        }
    }

    /// Throws if there is a key of that name.
    package func add(_ key: APIKey) throws {
        try change { keys in
            guard !keys.contains(where: { $0.name == key.name }) else {
                throw ServerError(
                    .keys, "there is a key of this name", at: "key \"\(key.name)\"",
                    advice: "Choose another name, or revoke it first: swiftlet key revoke \(key.name)")
            }
            keys.append(key)
        }
    }

    /// Removes a key; tells how many are left. Throws if there is no key of that name.
    @discardableResult
    package func revoke(_ name: String) throws -> Int {
        try change { keys in
            guard let place = keys.firstIndex(where: { $0.name == name }) else {
                throw ServerError(
                    .keys, "there is no key of this name", at: "key \"\(name.prefix(80))\"",
                    advice: "`swiftlet key list` shows all")
            }
            keys.remove(at: place)
            return keys.count
        }
    }

    private func change<Value>(_ body: (inout [APIKey]) throws -> Value) throws -> Value {
        try Files.makeFolder(url.deletingLastPathComponent())
        let lock = try FileLock.lockBriefly(url.deletingPathExtension().appendingPathExtension("lock"))
        defer { withExtendedLifetime(lock) {} }
        var keys = try keys()
        let value = try body(&keys)
        let file: JSONValue = ["version": 1, "keys": .array(keys.map(\.json))]
        try Files.writeAtomically(Data((file.text(.pretty) + "\n").utf8), to: url, mode: 0o600)
        return value
    }

    private static func keys(in bytes: Data) throws -> [APIKey] {
        let fields = try Fields(JSONValue(parsing: bytes, maximumDepth: 8))
        guard try fields.integer("version") == 1 else {
            throw fields.problem("version", "is not 1: another version of Swiftlet wrote this")
        }
        let keys = try fields.required("keys", fields.list("keys")).map { try APIKey($0) }
        guard Set(keys.map(\.name)).count == keys.count, Set(keys.map(\.digest)).count == keys.count else {
            throw fields.problem("keys", "two keys have one name, or two names one key")
        }
        return keys
    }

    private var path: String { url.path(percentEncoded: false) }

    private static let mostBytes = 64 << 20

    private func failure(_ problem: String, advice: String? = nil) -> ServerError {
        ServerError(.keys, problem, at: path, advice: advice ?? "Mend it, or take it away and add keys anew")
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
