import Foundation
import Testing

/// What `swiftlet serve` keeps, and how it ends, as a process with the test model.
@Suite(.enabled(if: TestData.hasModel)) struct ServeProcessTests {
    /// Requests are in the history a second later, whatever happens to the process; the file is whole.
    @Test func theHistoryOutlivesTheProcess() async throws {
        let home = try ServeProcess.home()
        let first = try ServeProcess(home)
        for _ in 0..<3 { #expect(try await first.generate(tokens: 2) == 200) }
        try await Task.sleep(for: .milliseconds(1600))
        for _ in 0..<2 { #expect(try await first.generate(tokens: 2) == 200) }
        kill(first.process.processIdentifier, SIGKILL)
        first.process.waitUntilExit()
        let kept = try #require(try Self.stats(home)["requests"] as? Int)
        #expect((3...5).contains(kept))

        let second = try ServeProcess(home)
        #expect(try await second.generate(tokens: 2) == 200)
        second.process.terminate()
        second.process.waitUntilExit()
        #expect(second.process.terminationStatus == 0 && second.process.terminationReason == .exit)
        let stats = try Self.stats(home, "--output-price", "1000000")
        #expect(stats["requests"] as? Int == kept + 1)
        #expect(stats["generated_tokens"] as? Int == 2 * (kept + 1))
        #expect(stats["cost"] as? Double == Double(2 * (kept + 1)))
        #expect(((stats["latency"] as? [String: Any])?["p95"] as? Double ?? 0) > 0)
        let table = try CommandRun(["stats", "--since", "2d", "--model", "smol"], home: home.url)
        #expect(table.text.contains("smol:latest") && table.text.contains("requests"), "\(table.text)")
        let none = try CommandRun(["stats", "--model", "other", "--since", "1h"], home: home.url)
        #expect(none.status == 0 && none.text == "1h: no requests\n", "\(none.text)")
        #expect(try CommandRun(["stats", "--since", "soon"], home: home.url).status == 2)
        let nowhere = try CommandRun(["stats"], home: home.url.appending(path: "nowhere"))
        #expect(nowhere.status == 1 && nowhere.error.contains("no history"), "\(nowhere.error)")
    }

    /// The first signal lets a stream go on, the second one ends it.
    @Test func aSecondSignalEndsWhatRuns() async throws {
        let home = try ServeProcess.home()
        let server = try ServeProcess(home, "--preload", "smol")
        #expect(try await server.generate(tokens: 1) == 200)
        let (curl, output) = (Process(), Pipe())
        curl.executableURL = URL(filePath: "/usr/bin/env")
        curl.arguments = [
            "curl", "-sN", "-d", ServeProcess.body(tokens: 4000, stream: true), server.address + "/api/generate",
        ]
        curl.standardOutput = output
        try curl.run()
        #expect(!output.fileHandleForReading.availableData.isEmpty)
        server.process.terminate()
        try await Task.sleep(for: .milliseconds(300))
        #expect(server.process.isRunning)
        #expect(!output.fileHandleForReading.availableData.isEmpty)
        server.process.terminate()
        let rest = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(rest.hasSuffix("{\"error\":\"the server is stopping\"}\n"), "\(rest.suffix(200))")
        server.process.waitUntilExit()
        #expect(server.process.terminationStatus == 0 && server.process.terminationReason == .exit)
    }

    private static func stats(_ home: TemporaryFolder, _ more: String...) throws -> [String: Any] {
        try CommandRun(["stats", "--since", "1h", "--json"] + more, home: home.url).json()
    }
}
