import Foundation
import SwiftletGround
import SwiftletHistory
import SwiftletServer
import Testing

/// What a server's requests leave in its history.
@Suite struct HistoryTests {
    @Test(.enabled(if: TestModel.isThere)) func aServerKeepsItsRequests() async throws {
        let file = TemporaryFile()
        var options = ServerOptions()
        options.history = HistoryOptions(url: file.url)
        let secret = "My name is Rumpelstiltskin"
        let prompt = try await LiveServer.run(options) { server in
            _ = try await server.send("GET", "/api/tags")
            #expect(try await server.send("POST", "/api/generate", ["model": "none", "prompt": "Hi"]).status == 404)
            let answer = try await server.answer(secret, tokens: 5)
            var stream = try await Optional(server.beginEndlessStream("smol"))
            #expect(stream != nil)
            stream = nil
            _ = try await server.idleNumbers()
            return try answer.json["prompt_eval_count"]?.integer
        }
        // The rest is written when the server ends.
        let report = try HistoryReport(of: file.url, since: Date() - 60)
        let smol = try #require(report.models.first { $0.model == "smol:latest" })
        #expect((smol.requests, smol.failed, smol.cancelled) == (2, 0, 1))
        #expect(smol.promptTokens == prompt && smol.generatedTokens >= 6)
        #expect((smol.timeToFirstToken?.average ?? 0) > 0)
        #expect((smol.latency?.average ?? 0) >= (smol.timeToFirstToken?.average ?? 0))
        let other = try #require(report.models.first { $0.model == "" })
        #expect((other.requests, other.failed) == (1, 1))
        for suffix in ["", "-wal"] {
            let bytes = (try? Data(contentsOf: URL(filePath: file.url.path(percentEncoded: false) + suffix))) ?? Data()
            #expect(bytes.range(of: Data("Rumpelstiltskin".utf8)) == nil)
        }
    }
}

/// A path in a temporary folder that goes with the value.
private final class TemporaryFile {
    let url: URL
    private let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-history-\(UUID().uuidString)")

    init() {
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        url = folder.appending(path: "history.sqlite")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
}
