import Crypto
package import Foundation
import SwiftletGround
import Synchronization

/// The texts of prompts, in a file a day beside the log, until their time is over.
///
/// The log has only the hash of a random salt and the text: once the text is gone, nobody can try texts against it.
package final class AuditPrompts: Sendable {
    private let folder: AuditFolder
    private let keep: Duration
    private let file = Mutex<(name: String, descriptor: Descriptor)?>(nil)

    init(_ folder: AuditFolder, keep: Duration) throws {
        (self.folder, self.keep) = (folder, keep)
    }

    /// Writes a text; returns its digest.
    func keep(_ prompt: some Sequence<UInt8>, request: String) throws -> String {
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes(\.hexadecimal)
        let text = String(decoding: Array(prompt), as: UTF8.self)
        let digest = Self.digest(salt: salt, text)
        let line: JSONValue = [
            "time": .string(Timestamp.text()), "request": .string(request), "salt": .string(salt),
            "sha256": .string(digest), "text": .string(text),
        ]
        let bytes = Data((line.text() + "\n").utf8)
        let name = Self.name(of: Date())
        try file.withLock { file in
            if file?.name != name {
                let url = folder.url.appending(path: name, directoryHint: .notDirectory)
                file = (name, try Descriptor(url, O_WRONLY | O_APPEND | O_CREAT))
            }
            try file?.descriptor.append(bytes)
        }
        return digest
    }

    /// Removes days that are wholly older than texts may be.
    func removeOld() { Self.remove(from: folder, olderThan: keep) }

    package static func remove(from folder: AuditFolder, olderThan age: Duration, at now: Date = Date()) {
        // A day's file has texts until the day's end.
        let last = name(of: now.addingTimeInterval(-(age / .seconds(1)) - 86400))
        for name in names(in: folder) where name <= last {
            try? FileManager.default.removeItem(at: folder.url.appending(path: name, directoryHint: .notDirectory))
        }
    }

    package static func names(in folder: AuditFolder) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.url.path(percentEncoded: false))
        return (names ?? []).filter { $0.hasPrefix("prompts-") && $0.hasSuffix(".jsonl") }.sorted()
    }

    private static func name(of date: Date) -> String { "prompts-\(Timestamp.text(date).prefix(10)).jsonl" }

    static func digest(salt: String, _ text: String) -> String {
        SHA256.hash(data: Data((salt + text).utf8)).hexadecimal
    }

    /// The texts that are still there, by their requests. Throws for a file that cannot be read.
    static func texts(in folder: AuditFolder) throws -> [String: AuditText] {
        var texts: [String: AuditText] = [:]
        for name in names(in: folder) {
            let data = try Data(contentsOf: folder.url.appending(path: name, directoryHint: .notDirectory))
            for line in data.split(separator: UInt8(ascii: "\n")) {
                guard let object = (try? JSONValue(parsing: line, maximumDepth: 2))?.object,
                    let request = object["request"]?.string, let salt = object["salt"]?.string,
                    let text = object["text"]?.string
                else { continue }
                texts[request] = AuditText(text: text, digest: digest(salt: salt, text))
            }
        }
        return texts
    }
}

/// A text that was kept, and the digest that it has now.
struct AuditText: Sendable {
    let text: String
    let digest: String
}
