import Foundation
import SwiftletGround
import SwiftletServer
import Testing

/// What a running server writes into its audit log.
struct AuditServerTests {
    @Test(.enabled(if: TestModel.isThere)) func whoAskedWhat() async throws {
        let folder = AuditTestFolder()
        var options = ServerOptions()
        options.audit = AuditOptions(folder: folder.url)
        try await LiveServer.run(options) { server in
            let ask: JSONValue = [
                "model": "smol", "prompt": "Tell me a secret", "options": ["num_predict": 4, "temperature": 0],
            ]
            // A stream, and an answer in a piece: who has all of it is in the log.
            for isStream in [true, false] {
                var question = try #require(ask.object)
                question["stream"] = .bool(isStream)
                let answer = try await server.send("POST", "/api/generate", .object(question))
                #expect(answer.status == 200)
                let records = try AuditSearch().records(in: folder.folder)
                let last = try #require(records.last)
                #expect(last["model"]?.string == "smol:latest" && last["status"]?.integer == 200)
                #expect(last["sha256"]?.string?.utf8.count == 64 && last["generated_tokens"]?.integer == 4)
                #expect(last["request"]?.string == answer.header("X-Request-Id"))
                #expect(last["path"]?.string == "/api/generate" && last["client"]?.string == "127.0.0.1")
                #expect((last["bytes"]?.integer ?? 0) > 50 && (last["milliseconds"]?.number ?? 0) > 0)
            }
            #expect(try await server.send("POST", "/api/generate", ["model": "none", "prompt": "x"]).status == 404)
            // Looks at lists are no matter of it.
            #expect(try await server.send("GET", "/api/tags").status == 200)
            #expect(try AuditSearch().records(in: folder.folder).count == 4)
        }
        let check = try AuditCheck(folder.folder)
        #expect(check.problems.isEmpty && check.lines == 5)
        let records = try AuditSearch().records(in: folder.folder)
        #expect(records.map { $0["event"]?.string } == ["start", "request", "request", "request", "stop"])
        #expect(records[3]["outcome"]?.string == "refused")
        #expect(try !String(decoding: folder.bytes(), as: UTF8.self).contains("secret"))
    }

    @Test func keysAndWhatIsDenied() async throws {
        let folder = AuditTestFolder()
        var options = ServerOptions()
        options.audit = AuditOptions(folder: folder.url)
        options.audit?.prompts = .seconds(3600)
        try await LiveServer.run(options, models: []) { server in
            let mine = TestKeys.bearer(try TestKeys.add("laptop", to: server.library))
            #expect(try await server.send("GET", "/api/tags").status == 401)
            #expect(try await server.send("POST", "/api/show", ["model": "x"], headers: mine).status == 404)
            #expect(try await server.send("POST", "/api/pull", ["model": "x"], headers: mine).status == 403)
            #expect(try await server.send("POST", "/api/chat", ["model": "x", "a": "b"], headers: mine).status == 404)
        }
        let records = try AuditSearch().records(in: folder.folder).filter { $0["event"]?.string == "request" }
        #expect(records.map { $0["status"]?.integer } == [401, 403, 404])
        #expect(records.map { $0["key"]?.string } == [nil, "laptop", "laptop"])
        #expect(records.map { $0["outcome"]?.string } == ["denied", "denied", "refused"])
        var search = AuditSearch()
        (search.withTexts, search.values) = (true, ["path": "/api/chat"])
        #expect(try search.records(in: folder.folder).first?["text"]?.string?.contains(#""a":"b""#) == true)
        #expect(try AuditCheck(folder.folder).texts == 1)
    }
}
