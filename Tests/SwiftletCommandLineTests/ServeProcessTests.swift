import Foundation
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

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

/// A server's process with the test model as `smol`; killed if it is still there at the end.
private final class ServeProcess {
    let process: Process
    let address: String

    /// A library with the model.
    static func home() throws -> TemporaryFolder {
        let home = try TemporaryFolder()
        let pull = try CommandRun(["pull", TestData.model ?? "", "--as", "smol"], home: home.url)
        #expect(pull.status == 0, "\(pull.error)")
        return home
    }

    init(_ home: TemporaryFolder, _ options: String...) throws {
        process = CommandRun.process(["serve", "--port", "0"] + options, home: home.url)
        let output = Pipe()
        (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let words = line.split(separator: " ")
        address = words.count > 3 ? String(words[3]) : ""
        #expect(address.hasPrefix("http://"), "\(line)")
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    static func body(tokens: Int, stream: Bool) -> String {
        """
        {"model": "smol", "prompt": "Tell a long story.", "stream": \(stream), "options": {"num_predict": \(tokens), \
        "temperature": 1, "seed": 1, "logit_bias": {"2": false, "0": false}}}
        """
    }

    /// Asks for so many tokens; tells the answer's status.
    func generate(tokens: Int) async throws -> Int {
        var request = URLRequest(url: try #require(URL(string: address + "/api/generate")))
        request.httpMethod = "POST"
        request.httpBody = Data(Self.body(tokens: tokens, stream: false).utf8)
        let (_, response) = try await URLSession.shared.data(for: request)
        return (response as? HTTPURLResponse)?.statusCode ?? 0
    }
}
