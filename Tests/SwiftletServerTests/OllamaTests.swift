import AsyncHTTPClient
import Foundation
import NIOCore
import SwiftletGround
import SwiftletServer
import Testing

/// What dev/clients cannot see through Ollama's own client: shapes of records, limits, uploads.
@Suite(.enabled(if: TestModel.isThere)) struct OllamaTests {
    @Test func streamsEndWithCounts() async throws {
        try await LiveServer.run { server in
            let answer = try await server.send(
                "POST", "/api/chat",
                ["model": "smol", "messages": [["role": "user", "content": "Hi"]], "options": ["num_predict": 5]])
            #expect(answer.header("Content-Type") == "application/x-ndjson")
            let lines = try answer.lines
            #expect(lines.dropLast().allSatisfy { $0["done"] == false && $0["message"]?["role"] == "assistant" })
            let last = try #require(lines.last)
            #expect(last["done"] == true)
            for count in ["prompt_eval_count", "eval_count", "total_duration", "prompt_eval_duration"] {
                #expect(try #require(last[count]?.integer) > 0, "\(count)")
            }
            let text = try #require(last["created_at"]?.string)
            #expect(text.contains("T") && text.hasSuffix("Z") && text.utf8.count == 27)
        }
    }

    @Test func bodiesAreBounded() async throws {
        var options = ServerOptions()
        options.bodyLimit = 4096
        try await LiveServer.run(options) { server in
            let large = try await server.send(
                "POST", "/api/generate", ["prompt": .string(String(repeating: "a", count: 5000))])
            #expect(large.status == 413)
            let deep = String(repeating: "[", count: 2000) + String(repeating: "]", count: 2000)
            let nested = try await server.send(
                "POST", "/api/generate", text: #"{"model":"smol","format":"# + deep + "}")
            #expect(nested.status == 400)
            // The server is as it was.
            #expect(try await server.send("GET", "/api/version").status == 200)
        }
    }

    @Test func uploadsAreChecked() async throws {
        try await LiveServer.run { server in
            // SHA-256 of "swiftlet".
            let wrong = "/api/blobs/sha256:" + String(repeating: "0", count: 64)
            #expect(try await server.send("HEAD", wrong).status == 404)
            let refused = try await server.send("POST", wrong, text: "swiftlet")
            #expect(refused.status == 400)
            #expect(try await server.send("HEAD", wrong).status == 404)
            let right = "/api/blobs/sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
            #expect(try await server.send("POST", right, text: "hello").status == 201)
            #expect(try await server.send("HEAD", right).status == 200)
            #expect(try await server.send("HEAD", "/api/blobs/sha256:..%2f..%2fetc").status == 400)
        }
    }

    @Test(arguments: ["/api/generate", "/api/chat", "/api/embed", "/api/show", "/api/pull", "/api/copy"])
    func whatIsMissingIsNamed(path: String) async throws {
        try await LiveServer.run(models: []) { server in
            let answer = try await server.send("POST", path, [:])
            #expect(answer.status == 400)
            #expect(try answer.json["error"]?.string?.contains("is required") == true)
        }
    }

    @Test func requestsNameNoFilesOfTheMachine() async throws {
        try await LiveServer.run { server in
            let path = try #require(TestModel.smollm2?.path(percentEncoded: false))
            for name in [path, "./model.gguf", "../smol"] {
                #expect(try await server.generate(name).status == 404, "\(name)")
            }
            let pull = try await server.send("POST", "/api/pull", ["model": .string(path), "stream": false])
            #expect(pull.status == 400)
        }
    }
}
