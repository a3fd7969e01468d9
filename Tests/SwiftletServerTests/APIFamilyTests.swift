import SwiftletGround
import SwiftletServer
import Testing

/// OpenAI's, Anthropic's and llama-server's APIs over sockets: the way through the server; what their clients expect beyond that
/// is in dev/clients.
@Suite struct APIFamilyTests {
    private static let hello: JSONValue = [["role": "user", "content": "Say hello."]]

    @Test(.enabled(if: TestModel.isThere)) func answersAreTheSameStreamed() async throws {
        try await LiveServer.run { server in
            let body: JSONValue = ["model": "smol", "messages": Self.hello, "temperature": 0, "max_tokens": 8]
            guard case .object(var streamed) = body else { return }
            streamed["stream"] = true
            let whole = try await server.send("POST", "/v1/chat/completions", body)
            let events = try await server.send("POST", "/v1/chat/completions", .object(streamed)).events
            #expect(events.last == "[DONE]")
            let pieces = try events.dropLast().map { try JSONValue(parsing: $0)["choices"]?[0]?["delta"]?["content"] }
            let text = try whole.json["choices"]?[0]?["message"]?["content"]?.string
            #expect(text?.isEmpty == false)
            #expect(pieces.compactMap { $0?.string }.joined() == text)

            let message = try await server.send("POST", "/v1/messages", body).json
            #expect(message["content"]?[0]?["text"]?.string == text)
            streamed["messages"] = nil
            streamed["input"] = "Say hello."
            streamed["max_output_tokens"] = 8
            let response = try await server.send("POST", "/v1/responses", .object(streamed)).events
            let last = try JSONValue(parsing: try #require(response.last))
            #expect(last["response"]?["output"]?[0]?["content"]?[0]?["text"]?.string == text)
        }
    }

    @Test(.enabled(if: TestModel.isThere)) func theOnlyModelNeedsNoName() async throws {
        try await LiveServer.run { server in
            let tokens = try await server.send("POST", "/tokenize", ["content": "Hello, world"]).json["tokens"]
            let text = try await server.send("POST", "/detokenize", ["tokens": tokens ?? []]).json
            #expect(text == ["content": "Hello, world"])
            let answer = try await server.send(
                "POST", "/completion", ["prompt": "The capital of France is", "n_predict": 3, "temperature": 0])
            #expect(try answer.json["stop_type"] == "limit")
            #expect(try answer.json["tokens_predicted"] == 3)
            let slots = try await server.send("GET", "/slots").json.array
            #expect(slots?.allSatisfy { $0["is_processing"] == false } == true)
        }
    }

    @Test func eachFamilyTellsErrorsItsWay() async throws {
        try await LiveServer.run(models: []) { server in
            let chat: JSONValue = ["model": "none", "messages": Self.hello, "max_tokens": 1]
            let openAI = try await server.send("POST", "/v1/chat/completions", chat)
            #expect(openAI.status == 404)
            #expect(try openAI.json["error"]?["code"] == "model_not_found")
            let anthropic = try await server.send("POST", "/v1/messages", chat)
            #expect(anthropic.status == 404)
            #expect(try anthropic.json["type"] == "error")
            #expect(try anthropic.json["error"]?["type"] == "not_found_error")
            let llama = try await server.send("POST", "/completion", ["model": "none", "prompt": "a"])
            #expect(llama.status == 404)
            #expect(try llama.json["error"]?["type"] == "not_found_error")
            let body = try await server.send("POST", "/v1/messages", ["max_tokens": "x"])
            #expect(body.status == 400)
            #expect(try body.json["error"]?["message"] == "model: Field required")
            let unknown = try await server.send("GET", "/v1/nothing")
            #expect(unknown.status == 404)
            #expect(try unknown.json["error"]?["code"] == .null)
            #expect(try await server.send("GET", "/v1/models").json["data"] == [])
            #expect(try await server.send("GET", "/health").json == ["status": "ok"])
        }
    }
}
