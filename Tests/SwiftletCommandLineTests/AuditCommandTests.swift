import Foundation
import SwiftletGround
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// `swiftlet audit` on the log of a server that ran.
struct AuditCommandTests {
    @Test func verifiesAndShows() async throws {
        let folder = try TemporaryFolder()
        let log = folder.path("audit")
        let process = CommandRun.process(["serve", "--host", "127.0.0.1:0", "--audit", log, "--audit-prompts", "1h"])
        let output = Pipe()
        (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let address = try #require(line.split(separator: " ").first { $0.hasPrefix("http") })
        var request = URLRequest(url: try #require(URL(string: "\(address)/api/chat")))
        // What a hostile client would like the reader's terminal to do.
        (request.httpMethod, request.httpBody) = ("POST", Data("{\"model\": \"none\"} \u{1B}]0;owned\u{7}".utf8))
        _ = try await URLSession.shared.data(for: request)
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)

        let good = try CommandRun(["audit", "verify", log])
        #expect(good.status == 0 && good.text.hasPrefix("all right: 3 lines in 1 file, 1 kept prompts"), "\(good.text)")
        let last = try #require(good.text.split(separator: " ").last).trimmingCharacters(in: .newlines)
        #expect(try CommandRun(["audit", "verify", log, "--expect", last]).status == 0)
        let other = "3:" + String(repeating: "0", count: 64)
        #expect(try CommandRun(["audit", "verify", log, "--expect", other]).status == 1)
        let shown = try CommandRun(["audit", "show", log, "--prompts", "--event", "request"])
        #expect(shown.text.contains("POST /api/chat") && shown.text.contains("\u{FFFD}]0;owned"))
        #expect(!shown.text.contains("\u{1B}") && !shown.text.contains("\u{7}"))
        let json = try CommandRun(["audit", "show", log, "--json", "--limit", "1"])
        #expect(try JSONValue(parsing: json.text)["event"]?.string == "stop" && json.lines.count == 1)

        let file = folder.url.appending(path: "audit/audit-000000000001.jsonl")
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacing("/api/chat", with: "/api/tags").write(to: file, atomically: false, encoding: .utf8)
        let bad = try CommandRun(["audit", "verify", log])
        #expect(bad.status == 1 && bad.text.hasPrefix("audit-000000000001.jsonl:2: line 2 was changed"))
        #expect(try CommandRun(["audit", "verify", log, "--json"]).json()["ok"] as? Bool == false)
        let missing = try CommandRun(["audit", "verify", folder.path("nothing")])
        #expect(missing.status == 1 && missing.error.contains("cannot be read"))
        #expect(try CommandRun(["audit", "verify"]).status == 2)
        // Two servers never write one log.
        let lock = CommandRun.process(["serve", "--host", "127.0.0.1:0", "--audit", log])
        let first = Pipe()
        (lock.standardInput, lock.standardOutput, lock.standardError) = (
            FileHandle.nullDevice, first, FileHandle.nullDevice
        )
        try lock.run()
        _ = first.fileHandleForReading.availableData
        let second = try CommandRun(["serve", "--host", "127.0.0.1:0", "--audit", log])
        #expect(second.status == 1 && second.error.contains("another server writes this audit log"), "\(second.error)")
        lock.terminate()
        lock.waitUntilExit()
    }
}
