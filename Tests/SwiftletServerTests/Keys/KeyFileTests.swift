import Foundation
import SwiftletGround
import SwiftletLibrary
import SwiftletServer
import Testing

/// The file of keys: what it keeps, who may read it, and what is no file of keys.
@Suite struct KeyFileTests {
    private let home = FileManager.default.temporaryDirectory.appending(path: "swiftlet-keys-\(UUID().uuidString)")

    private func inHome(_ body: (KeyFile) throws -> Void) throws {
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: home) }
        try body(KeyFile(home: home))
    }

    @Test func digestsAreSHA256() {
        #expect(
            KeyDigest(of: "abc").hexadecimal == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let text = KeyDigest.makeKey()
        #expect(text.hasPrefix("sk-swl-") && text.utf8.count == 71)
        #expect(KeyDigest(hexadecimal: KeyDigest(of: text).hexadecimal) == KeyDigest(of: text))
        #expect(Set((0..<100).map { _ in KeyDigest.makeKey() }).count == 100)
        for wrong in ["", "ab", String(repeating: "g", count: 64), String(repeating: "A", count: 64)] {
            #expect(KeyDigest(hexadecimal: wrong) == nil)
        }
    }

    @Test func keepsAllButTheKey() throws {
        try inHome { file in
            #expect(try file.keys().isEmpty)
            let text = KeyDigest.makeKey()
            var key = try APIKey(name: "app", digest: KeyDigest(of: text))
            key.role = .readOnly
            key.models = [try ModelName("smollm2:135m"), try ModelName("owner/qwen")]
            (key.limits.requestsPerMinute, key.limits.tokensPerDay, key.limits.concurrent) = (60, 1_000_000, 4)
            key.priority = -3
            key.expires = key.created + 3600
            try file.add(key)
            #expect(try file.keys() == [key])
            let bytes = try String(contentsOf: file.url, encoding: .utf8)
            #expect(!bytes.contains(text) && !bytes.contains(text.dropFirst(7)))
            let mode = try FileManager.default.attributesOfItem(atPath: file.url.path())[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(throws: ServerError.self) { try file.add(key) }
            #expect(throws: ServerError.self) { try file.revoke("other") }
            #expect(try file.revoke("app") == 0)
            #expect(try file.keys().isEmpty)
            let left = try FileManager.default.contentsOfDirectory(atPath: home.path())
            #expect(left == ["keys.json"])
        }
    }

    @Test func writersTakeTurns() async throws {
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: home) }
        let file = KeyFile(home: home)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try file.add(APIKey(name: "key-\(number)", digest: KeyDigest(of: "\(number)")))
                    if number % 4 == 0 { try file.revoke("key-\(number)") }
                }
            }
            try await group.waitForAll()
        }
        #expect(Set(try file.keys().map(\.name)) == Set((0..<40).filter { $0 % 4 != 0 }.map { "key-\($0)" }))
    }

    private static let good =
        #"{"name": "a", "sha256": "\#(String(repeating: "0", count: 64))", "role": "user", "created": "2026-01-01T00:00:00Z"}"#

    @Test(arguments: [
        "", "{}", "null", "[]", #"{"version": 2, "keys": []}"#, #"{"version": 1}"#, #"{"version": 1, "keys": [1]}"#,
        #"{"version": 1, "keys": [{}]}"#, "{\"version\": 1, \"keys\": [\(good), \(good)]}",
        "{\"version\": 1, \"keys\": [\(good.replacing("user", with: "root"))]}",
        "{\"version\": 1, \"keys\": [\(good.replacing("\"a\"", with: "\"a b\""))]}",
        "{\"version\": 1, \"keys\": [\(good.replacing("0000", with: "zzzz"))]}",
        "{\"version\": 1, \"keys\": [\(good.replacing("}", with: ", \"hours\": 8}"))]}",
        "{\"version\": 1, \"keys\": [\(good.replacing("}", with: ", \"models\": []}"))]}",
        "{\"version\": 1, \"keys\": [\(good.replacing("}", with: ", \"concurrent\": 0}"))]}",
        "{\"version\": 1, \"keys\": [\(good.replacing("}", with: ", \"expires\": \"soon\"}"))]}",
    ]) func whatIsNoFileOfKeysIsAnError(_ text: String) throws {
        try inHome { file in
            try Data(text.utf8).write(to: file.url)
            let error = #expect(throws: ServerError.self) { try file.keys() }
            #expect(error?.code == .keys && error?.place == file.url.path())
            // Nor is it replaced.
            #expect(throws: ServerError.self) { try file.add(APIKey(name: "b", digest: KeyDigest(of: "b"))) }
            #expect(try Data(contentsOf: file.url) == Data(text.utf8))
        }
    }

    @Test func othersMayNotWriteIt() throws {
        try inHome { file in
            try file.add(APIKey(name: "a", digest: KeyDigest(of: "a")))
            try FileManager.default.setAttributes([.posixPermissions: 0o622], ofItemAtPath: file.url.path())
            let error = #expect(throws: ServerError.self) { try file.keys() }
            #expect(error?.advice?.contains("chmod 600") == true)
            try FileManager.default.removeItem(at: file.url)
            try FileManager.default.createDirectory(at: file.url, withIntermediateDirectories: true)
            #expect(throws: ServerError.self) { try file.keys() }
        }
    }

    @Test(arguments: ["", "a b", "a/b", "a\n", "ä", String(repeating: "a", count: 65), "a\"b"])
    func namesAreForLogs(_ name: String) {
        #expect(throws: ServerError.self) { try APIKey(name: name, digest: KeyDigest(of: "a")) }
    }
}
