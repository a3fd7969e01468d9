import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SwiftletGround
import SwiftletHistory
import SwiftletLibrary
import SwiftletServer
import Testing

/// How much the holders of keys may ask for, and of which models, over sockets.
@Suite struct KeyLimitTests {
    private static let hello: JSONValue = [["role": "user", "content": "Say hello."]]

    private static func chat(_ model: String) -> JSONValue {
        ["model": .string(model), "messages": hello, "max_tokens": 2]
    }

    @Test func eachFamilyTellsWhenToTryAgain() async throws {
        try await LiveServer.run(models: []) { server in
            let paths = [
                "/v1/chat/completions": "rate_limit_exceeded", "/v1/messages": "rate_limit_error",
                "/completion": "rate_limit_error", "/api/chat": "",
            ]
            for (path, word) in paths {
                let key = try TestKeys.add(path.split(separator: "/").joined(), to: server.library) {
                    $0.limits.requestsPerMinute = 2
                }
                func send() async throws -> LiveServer.Answer {
                    try await server.send("POST", path, Self.chat("none"), headers: TestKeys.bearer(key))
                }
                for _ in 0..<2 { #expect(try await send().status == 404) }
                let answer = try await send()
                #expect(answer.status == 429)
                let seconds = try #require(answer.header("Retry-After").flatMap { Int($0) })
                #expect((50...60).contains(seconds))
                let error = try #require(try answer.json["error"])
                #expect((error.string ?? "\(error)").contains("2 requests a minute"))
                if !word.isEmpty { #expect([error["code"], error["type"]].contains(.string(word)), "\(error)") }
                if path == "/v1/chat/completions" { #expect(error["type"] == "rate_limit_error") }
                // Probes are free.
                #expect(try await server.send("GET", "/health", headers: TestKeys.bearer(key)).status == 200)
            }
        }
    }

    @Test(.enabled(if: TestModel.isThere)) func tokensOfADay() async throws {
        try await LiveServer.run { server in
            for path in [
                "/v1/chat/completions", "/v1/messages", "/v1/responses", "/completion", "/api/chat", "/api/generate",
            ] {
                for streams in [false, true] {
                    let name = "\(path.split(separator: "/").joined())-\(streams)"
                    let key = try TestKeys.add(name, to: server.library) { $0.limits.tokensPerDay = 40 }
                    var statuses: [Int] = []
                    var answer: LiveServer.Answer?
                    for _ in 0..<4 {
                        let body: JSONValue = [
                            "model": "smol", "messages": Self.hello, "prompt": "One two three four five six",
                            "input": "One two three", "max_tokens": 10, "max_output_tokens": 10,
                            "stream": .bool(streams),
                            "options": ["num_predict": 10], "ignore_eos": true, "raw": true,
                        ]
                        answer = try await server.send("POST", path, body, headers: TestKeys.bearer(key))
                        statuses.append(answer?.status ?? 0)
                    }
                    // Templates with their system prompt are over 20 tokens long, plain prompts 6.
                    let first = try #require(statuses.firstIndex(of: 429), "\(name) \(statuses)")
                    #expect(
                        (1...3).contains(first) && statuses[..<first].allSatisfy { $0 == 200 }, "\(name) \(statuses)")
                    let seconds = try #require(answer?.header("Retry-After").flatMap { Int($0) })
                    #expect((86_300...86_400).contains(seconds))
                    #expect(answer?.text.contains("40 tokens in 24 hours") == true)
                }
            }
        }
    }

    /// A restart is no way around a limit.
    @Test(.enabled(if: TestModel.isThere)) func tokensOfADayOutliveTheServer() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var options = ServerOptions()
        options.keyFile = folder.appending(path: "keys.json")
        options.history = HistoryOptions(url: folder.appending(path: "history.sqlite"))
        let text = KeyDigest.makeKey()
        var key = try APIKey(name: "app", digest: KeyDigest(of: text))
        key.limits.tokensPerDay = 40
        try KeyFile(try #require(options.keyFile)).add(key)
        var statuses: [Int] = []
        for _ in 0..<2 {
            try await LiveServer.run(options) { server in
                for _ in 0..<3 {
                    let body: JSONValue = [
                        "model": "smol", "prompt": "One two three", "max_tokens": 20, "ignore_eos": true,
                    ]
                    let answer = try await server.send("POST", "/v1/completions", body, headers: TestKeys.bearer(text))
                    statuses.append(answer.status)
                }
            }
        }
        // Two answers of 23 tokens, then none; none from the next server either.
        #expect(statuses == [200, 200, 429, 429, 429, 429])
    }

    @Test(.enabled(if: TestModel.isThere)) func requestsAtATime() async throws {
        try await LiveServer.run { server in
            let key = try TestKeys.add("app", to: server.library) { $0.limits.concurrent = 1 }
            let other = try TestKeys.add("other", to: server.library)
            func answer(_ key: String) async throws -> LiveServer.Answer {
                try await server.send("POST", "/v1/chat/completions", Self.chat("smol"), headers: TestKeys.bearer(key))
            }
            var request = HTTPClientRequest(url: server.address.description + "/v1/completions")
            request.method = .POST
            request.headers.add(name: "x-api-key", value: key)
            let body: JSONValue = [
                "model": "smol", "prompt": "Count.", "max_tokens": 3500, "stream": true, "ignore_eos": true,
            ]
            request.body = .bytes(ByteBuffer(string: body.text()))
            do {
                // Runs as long as somebody reads.
                let response = try await server.client.execute(request, timeout: .seconds(60))
                var parts = response.body.makeAsyncIterator()
                _ = try await parts.next()
                let refused = try await answer(key)
                #expect(refused.status == 429 && refused.header("Retry-After") == "1")
                #expect(try await answer(other).status == 200)
                #expect(try await parts.next() != nil)
            }
            // The client went away: the place is free.
            var status = 429
            for _ in 0..<100 where status == 429 {
                status = try await answer(key).status
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(status == 200)
            for _ in 0..<3 { #expect(try await answer(key).status == 200) }
        }
    }

    @Test(.enabled(if: TestModel.isThere)) func modelsOfOthersAreNotThere() async throws {
        var options = ServerOptions()
        options.contextLength = 512
        try await LiveServer.run(options, models: ["smol", "team/smol:a", "secret", "team/smol:b"]) { server in
            let key = try TestKeys.add("app", to: server.library) {
                $0.models = [try ModelName("smol:latest"), try ModelName("team/smol")]
            }
            func send(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> LiveServer.Answer {
                try await server.send(method, path, body, headers: TestKeys.bearer(key))
            }
            let tags = try await send("GET", "/api/tags").json["models"]?.array?.compactMap { $0["name"]?.string }
            #expect(tags == ["smol:latest", "team/smol:a", "team/smol:b"])
            let list = try await send("GET", "/v1/models").json["data"]?.array?.compactMap { $0["id"]?.string }
            #expect(list == tags)
            #expect(try await send("GET", "/v1/models/team/smol:b").status == 200)
            for model in ["smol", "team/smol:a"] {
                #expect(try await send("POST", "/v1/chat/completions", Self.chat(model)).status == 200)
            }
            // Loaded by somebody else.
            let admin = try TestKeys.add("admin", to: server.library) { $0.role = .admin }
            let other = try await server.send(
                "POST", "/v1/chat/completions", Self.chat("secret"), headers: TestKeys.bearer(admin))
            #expect(other.status == 200)
            #expect(try await !send("GET", "/api/ps").text.contains("secret"))
            #expect(try await send("GET", "/props").json["model_alias"] == "team/smol:a")
            // What may not be used answers as what is not there: word for word.
            let paths = [
                "/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/embeddings", "/v1/messages",
                "/completion",
                "/tokenize", "/embedding", "/api/chat", "/api/generate", "/api/show", "/api/embed", "/api/embeddings",
            ]
            for path in paths {
                func answer(_ model: String) async throws -> String {
                    let body: JSONValue = [
                        "model": .string(model), "messages": Self.hello, "prompt": "a", "input": "a", "content": "a",
                        "max_tokens": 1,
                    ]
                    let answer = try await send("POST", path, body)
                    let error = try #require(try answer.json["error"])
                    return "\(answer.status) \(error)".replacing(model, with: "MODEL")
                }
                let hidden = try await answer("secret")
                #expect(hidden.hasPrefix("404 "), "\(path) \(hidden)")
                #expect(try await answer("nobody") == hidden)
                #expect(try await answer("secret:latest").replacing(":latest", with: "") == hidden)
            }
            #expect(try await send("POST", "/api/generate", ["model": "secret", "keep_alive": 0]).status == 404)
            #expect(try await send("GET", "/v1/models/secret").status == 404)
            #expect(try await send("GET", "/metrics").status == 403)
            #expect(try await send("GET", "/slots?model=secret").status == 404)
            #expect(try await send("GET", "/props?model=secret").status == 404)
        }
    }
}
