import Foundation
import Testing

/// `swiftlet top` as a process, against a server with the test model.
@Suite struct TopTests {
    @Test func whatIsWrongIsSaidBeforeTheScreenChanges() throws {
        let nobody = try CommandRun(["top", "--once", "--host", "127.0.0.1:9"])
        let words = "http://127.0.0.1:9: does not answer: Connection refused"
        #expect(nobody.status == 1 && nobody.error.contains(words), "\(nobody.error)")
        #expect(nobody.output.isEmpty)
        for host in ["localhost:http", "localhost:0", "user@host", "host/path", "ho st"] {
            let run = try CommandRun(["top", "--once", "--host", host])
            #expect(run.status == 1 && run.error.contains("--host"), "\(host): \(run.error)")
        }
        #expect(try CommandRun(["top", "--interval", "1ms"]).status == 2)
        #expect(try CommandRun(["top", "--port", "0"]).status == 2)
        let limit = try CommandRun(["top", "--once", "--limit", "--host", "models.example.org"])
        #expect(limit.status == 1 && limit.error.contains("--limit"), "\(limit.error)")
        let key = try CommandRun(["top", "--once", "--key-file", "/nowhere/at/all"])
        #expect(key.status == 1 && key.error.contains("/nowhere/at/all"), "\(key.error)")
    }

    @Test(.enabled(if: TestData.hasModel)) func aServersNumbers() async throws {
        let home = try ServeProcess.home()
        let server = try ServeProcess(home)
        #expect(try await server.generate(tokens: 1) == 200)
        let busy = Task { for _ in 0..<3 { _ = try await server.generate(tokens: 150) } }
        let json = try CommandRun(["top", "--once", "--json", "--host", server.address]).json()
        #expect((json["generation_tokens_per_second"] as? Double ?? 0) > 1, "\(json)")
        #expect((json["weight_bytes_per_second"] as? Double ?? 0) > 90e6)
        #expect((json["memory_bytes"] as? Double ?? 0) > 90e6 && (json["resident_bytes"] as? Double ?? 0) > 1e6)
        #expect(json["ready"] as? Bool == true && json["limit_bytes_per_second"] is NSNull)
        let models = try #require(json["models"] as? [[String: Any]])
        #expect(models.map { $0["model"] as? String } == ["smol:latest"])
        busy.cancel()
        let text = try CommandRun(["top", "--once", "--host", server.address])
        #expect(
            text.status == 0 && text.text.contains("smol:latest") && text.text.contains("(--limit)"), "\(text.text)")
    }

    /// Keys come from a file or from the environment; without one the server's refusal is told.
    @Test func keysAreSent() throws {
        let home = try TemporaryFolder()
        let added = try CommandRun(["key", "add", "watcher", "--role", "read-only"], home: home.url)
        let key = try #require(added.text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("sk-") })
        let server = try ServeProcess(home)
        let without = try CommandRun(["top", "--once", "--host", server.address])
        #expect(without.status == 1 && without.error.contains("wants an API key"), "\(without.error)")
        let file = try home.write("\(key)\n", to: "key")
        let with = try CommandRun(["top", "--once", "--host", server.address, "--key-file", file])
        #expect(with.status == 0 && with.text.contains("no model is loaded"), "\(with.error)")
        let wrong = try home.write("sk-wrong\n", to: "wrong")
        let refused = try CommandRun(["top", "--once", "--host", server.address, "--key-file", wrong])
        #expect(refused.status == 1 && refused.error.contains("refuses this API key"), "\(refused.error)")
        #expect(!refused.error.contains("sk-wrong"))
    }

    /// A screen of its own, which every end gives back.
    @Test(arguments: ["q", "\u{3}", "TERM"]) func theTerminalIsGivenBack(_ end: String) throws {
        let home = try TemporaryFolder()
        let server = try ServeProcess(home)
        let terminal = try PseudoTerminal(["top", "--interval", "200ms", "--host", server.address], home: home.url)
        let first = try terminal.wait(for: "no model is loaded")
        #expect(first.contains("\u{1B}[?1049h") && first.contains(server.address) && first.contains("ready"))
        #expect(terminal.flags & tcflag_t(ICANON | ECHO | ISIG) == 0)
        // It goes on drawing.
        try terminal.wait(for: "no model is loaded")
        if end == "TERM" { kill(terminal.process.processIdentifier, SIGTERM) } else { terminal.type(end) }
        try terminal.wait(for: "\u{1B}[?25h\u{1B}[?1049l")
        #expect(try terminal.end() == 0)
        #expect(terminal.flags & tcflag_t(ICANON | ECHO | ISIG) == tcflag_t(ICANON | ECHO | ISIG))
    }

    /// A server that goes is told on the screen, and no row is wider than the terminal's 60 columns.
    @Test func aServerThatGoes() throws {
        let home = try TemporaryFolder()
        let server = try ServeProcess(home)
        let terminal = try PseudoTerminal(["top", "--interval", "200ms", "--host", server.address], home: home.url)
        let shown = try terminal.wait(for: "no model is loaded")
        let rows = shown.components(separatedBy: "\u{1B}[H").last?.components(separatedBy: "\r\n") ?? []
        #expect(rows.count >= 6)
        for row in rows { #expect(row.replacing("\u{1B}[K", with: "").count <= 60, "\(row)") }
        server.process.terminate()
        try terminal.wait(for: "no answer: ")
        terminal.type("q")
        #expect(try terminal.end() == 0)
    }
}
