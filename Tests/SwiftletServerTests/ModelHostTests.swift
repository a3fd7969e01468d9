import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import SwiftletGround
import SwiftletServer
import Testing

/// Models come when they are asked for, share the memory, and go when nobody uses them.
@Suite(.enabled(if: TestModel.isThere)) struct ModelHostTests {
    static let short: JSONValue = ["num_predict": 2]

    @Test func manyWhoWaitShareOneModel() async throws {
        try await LiveServer.run { server in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await server.send(
                            "POST", "/api/generate",
                            ["model": "smol", "prompt": "Hi", "stream": false, "options": Self.short]
                        ).status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await server.loaded.count == 1)
        }
    }

    @Test func idleModelsGo() async throws {
        try await LiveServer.run { server in
            let answer = try await server.generate("smol", keepAlive: "150ms")
            #expect(answer.status == 200)
            #expect(try await server.loaded == ["smol:latest"])
            #expect(try await server.becomesEmpty())
            // Below zero is for ever, 0 is at once.
            _ = try await server.generate("smol", keepAlive: -1)
            #expect(try await server.loaded == ["smol:latest"])
            _ = try await server.generate("smol", keepAlive: 0)
            #expect(try await server.becomesEmpty())
        }
    }

    @Test func memoryIsSharedAndModelsInUseStay() async throws {
        let size = try await LiveServer.run { server in
            _ = try await server.generate("smol")
            return try await server.send("GET", "/api/ps").json["models"]?[0]?["size"]?.integer ?? 0
        }
        #expect(size > 98_000_000)
        var options = ServerOptions()
        options.modelMemory = size * 3 / 2
        try await LiveServer.run(options, models: ["one", "two"]) { server in
            #expect(try await server.generate("one").status == 200)
            #expect(try await server.generate("two").status == 200)
            // The idle one had to go.
            #expect(try await server.loaded == ["two:latest"])
            let stream = try await server.beginEndlessStream("two")
            let refused = try await server.generate("one")
            #expect(refused.status == 503)
            #expect(refused.header("Retry-After") != nil)
            withExtendedLifetime(stream) {}
        }
        options.modelMemory = size / 8
        try await LiveServer.run(options) { server in
            let answer = try await server.generate("smol")
            #expect(answer.status == 500)
            #expect(try answer.json["error"]?.string?.contains("memory") == true)
        }
    }

    /// A request must not get the shorter context that another one's load brings.
    @Test func longerContextsAreNotServedByShorterLoads() async throws {
        try await LiveServer.run { server in
            let long: JSONValue = .string(String(repeating: "word ", count: 5000))
            let body: JSONValue = [
                "model": "smol", "prompt": long, "stream": false, "options": ["num_ctx": 7000, "num_predict": 1],
            ]
            async let short = server.generate("smol")
            async let other = server.send("POST", "/api/generate", body)
            let (first, second) = try await (short, other)
            #expect(first.status == 200)
            #expect(try second.json["prompt_eval_count"]?.integer ?? 0 > 5000)
        }
    }

    /// What cannot be had leaves what is there.
    @Test func contextsBeyondTheMemoryEvictNothing() async throws {
        let size = try await LiveServer.run { server in
            _ = try await server.generate("smol")
            return try await server.send("GET", "/api/ps").json["models"]?[0]?["size"]?.integer ?? 0
        }
        var options = ServerOptions()
        options.modelMemory = size + (1 << 20)
        try await LiveServer.run(options) { server in
            _ = try await server.generate("smol", keepAlive: -1)
            let body: JSONValue = ["model": "smol", "prompt": "Hi", "options": ["num_ctx": 8192]]
            #expect(try await server.send("POST", "/api/generate", body).status == 500)
            #expect(try await server.loaded == ["smol:latest"])
            #expect(try await server.generate("smol").json["load_duration"]?.integer ?? .max < 50_000_000)
        }
    }

    @Test func longerContextsLoadAnew() async throws {
        try await LiveServer.run { server in
            func context() async throws -> Int? {
                try await server.send("GET", "/api/ps").json["models"]?[0]?["context_length"]?.integer
            }
            _ = try await server.generate("smol")
            #expect(try await context() == 4096)
            let body: JSONValue = ["model": "smol", "options": ["num_ctx": 6000]]
            #expect(try await server.send("POST", "/api/generate", body).status == 200)
            #expect(try await context() == 6000)
            _ = try await server.generate("smol")
            #expect(try await context() == 6000)
        }
    }

    /// The lease of a request that was given up ends: the model, which was to be kept no longer than it, goes.
    @Test func clientsThatGoAwayEndTheirGeneration() async throws {
        try await LiveServer.run { server in
            var stream: HTTPClientResponse? = try await server.beginEndlessStream("smol", keepAlive: 0)
            #expect(try await server.loaded == ["smol:latest"])
            #expect(stream != nil)
            stream = nil
            #expect(try await server.becomesEmpty())
        }
    }
}

extension LiveServer {
    /// Names of loaded models.
    var loaded: [String] {
        get async throws {
            try await send("GET", "/api/ps").json["models"]?.array?.compactMap { $0["name"]?.string } ?? []
        }
    }

    func generate(_ model: String, keepAlive: JSONValue = .null) async throws -> Answer {
        try await send(
            "POST", "/api/generate",
            [
                "model": .string(model), "prompt": "Hi", "stream": false, "keep_alive": keepAlive,
                "options": ModelHostTests.short,
            ])
    }

    /// Waits up to five seconds for the last model to go.
    func becomesEmpty() async throws -> Bool {
        for _ in 0..<100 {
            if try await loaded.isEmpty { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    /// An answer that goes on for thousands of tokens, after its first record; ends when the value goes.
    func beginEndlessStream(
        _ model: String, keepAlive: JSONValue = .null, tokens: Int = 4000
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: address.description + "/api/generate")
        request.method = .POST
        let body: JSONValue = [
            "model": .string(model), "prompt": "Tell a long story.", "keep_alive": keepAlive,
            "options": [
                "temperature": 1, "num_predict": .integer(Int64(tokens)), "seed": 1,
                "logit_bias": ["2": false, "0": false],
            ],
        ]
        request.body = .bytes(.init(string: body.text()))
        return try await client.execute(request, timeout: .seconds(60))
    }
}
