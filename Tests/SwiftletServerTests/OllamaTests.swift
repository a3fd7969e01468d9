import AsyncHTTPClient
import Foundation
import NIOCore
import SwiftletEngine
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

    @Test func requestsAreBounded() async throws {
        try await LiveServer.run { server in
            let many: JSONValue = .array(Array(repeating: "a", count: 20_000))
            let texts = try await server.send("POST", "/api/embed", ["model": "smol", "input": many])
            #expect(texts.status == 400)
            #expect(texts.text.contains("16384"))
            let stops = try await server.send(
                "POST", "/api/generate", ["model": "smol", "prompt": "a", "options": ["stop": many]])
            #expect(stops.status == 400)
            // A context that shifts for ever ends all the same.
            let endless: JSONValue = [
                "model": "smol", "prompt": "Tell a story.", "stream": false, "shift": true,
                "options": ["num_ctx": 60, "logit_bias": ["2": false, "0": false], "seed": 1],
            ]
            let answer = try await server.send("POST", "/api/generate", endless).json
            #expect(answer["eval_count"] == 600)
            #expect(answer["done_reason"] == "length")
        }
    }

    @Test func longConversationsAreCutQuickly() async throws {
        try await LiveServer.run { server in
            let turn: JSONValue = ["role": "user", "content": "One more thing."]
            let answer = try await server.send(
                "POST", "/api/chat",
                [
                    "model": "smol", "messages": .array(Array(repeating: turn, count: 3000)), "stream": false,
                    "truncate": true, "options": ["num_predict": 1],
                ]
            ).json
            let (kept, left) = (
                answer["prompt_eval_count"]?.integer ?? 0, answer["prompt_truncated_count"]?.integer ?? 0
            )
            #expect(kept > 3900 && kept < 4096)
            #expect(left > 10_000)
        }
    }

    @Test func waitingHasItsEnd() async throws {
        try await LiveServer.run { server in
            let body: JSONValue = [
                "model": "smol", "prompt": "a", "max_tokens": 1, "stream": false, "options": ["num_predict": 1],
            ]
            for path in ["/api/generate", "/v1/completions", "/completion"] {
                let late = try await server.send("POST", path, body, headers: [("X-Max-Wait", "0")])
                #expect(late.status == 503)
                #expect(late.header("Retry-After") != nil)
                #expect(try await server.send("POST", path, body, headers: [("X-Max-Wait", "soon")]).status == 400)
                #expect(try await server.send("POST", path, body, headers: [("X-Max-Wait", "60")]).status == 200)
            }
        }
    }

    /// One request for more answers than the engine lets wait.
    @Test func manyAnswersTakeTurns() async throws {
        var options = ServerOptions()
        (options.engine.maxSequences, options.engine.maxWaiting) = (2, 1)
        try await LiveServer.run(options) { server in
            let prompts: JSONValue = .array((0..<20).map { .string("Number \($0)") })
            let answer = try await server.send(
                "POST", "/v1/completions", ["model": "smol", "prompt": prompts, "n": 2, "max_tokens": 2])
            #expect(answer.status == 200)
            #expect(try answer.json["choices"]?.array?.compactMap { $0["index"]?.integer } == Array(0..<40))
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
