import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletServer
import Testing

struct OpenAICompletionTests {
    private func read(_ members: String) throws -> OpenAICompletionRequest {
        try OpenAICompletionRequest(JSONValue(parsing: "{\(members)}"), defaults: RequestDefaults())
    }

    private func run(_ members: String, _ answers: [[ChatEvent]]) throws -> (chunks: [JSONValue], response: JSONValue) {
        let request = try read(members)
        var stream = OpenAICompletionChunks(AnswerFixtures.head, request, speller: AnswerFixtures.speller)
        var whole = stream
        var chunks: [JSONValue] = []
        for (index, events) in answers.enumerated() {
            for event in events {
                chunks += stream.chunks(of: event, choice: index)
                whole.take(event, choice: index)
            }
        }
        return (chunks, whole.response())
    }

    private func answer(_ text: String, likely: Double = -0.5) -> [ChatEvent] {
        text.unicodeScalars.flatMap { [AnswerFixtures.token($0, likely: likely), .content(String($0))] }
            + [AnswerFixtures.finished(ChatMessage(role: "assistant", content: text), .length, tokens: text.count)]
    }

    @Test func promptsInAllForms() throws {
        #expect(try read(#""prompt":"a""#).prompts == [.text("a", parsesSpecial: true)])
        #expect(try read(#""prompt":[1,2]"#).prompts == [.tokens([1, 2])])
        #expect(try read(#""prompt":["a",[3]]"#).prompts == [.text("a", parsesSpecial: true), .tokens([3])])
        #expect(try read(#""prompt":"a","suffix":"b""#).prompts == [.infill(prefix: "a", suffix: "b")])
        #expect(try read(#""prompt":"a","n":2"#).requests.count == 2)
    }

    @Test func sixteenTokensUnlessAskedFor() throws {
        #expect(try read(#""prompt":"a""#).requests[0].settings.generation.maxTokens == 16)
        #expect(try read(#""prompt":"a","max_tokens":3"#).requests[0].settings.generation.maxTokens == 3)
        #expect(try read(#""prompt":"a","max_tokens":-1"#).requests[0].settings.generation.maxTokens == nil)
    }

    @Test(arguments: [
        ("", "prompt"), (#""prompt":[]"#, "prompt"), (#""prompt":1"#, "prompt"), (#""prompt":[-1]"#, "prompt[0]"),
        (#""prompt":[99999999999]"#, "prompt[0]"), (#""prompt":["a",{}]"#, "prompt[1].prompt_string"),
        (#""prompt":"a","best_of":1,"n":2"#, "best_of"), (#""prompt":"a","best_of":2,"stream":true"#, "best_of"),
        (#""prompt":"a","echo":true,"logprobs":1"#, "echo"), (#""prompt":[1],"suffix":"b""#, "suffix"),
    ])
    func problems(_ members: String, _ place: String) {
        let problem = #expect(throws: RequestProblem.self) { try read(members) }
        #expect(problem?.path.bracketed == place)
    }

    @Test func aStreamIsTextAndThenAReason() throws {
        let chunks = try run(#""prompt":"a","stream":true"#, [answer("bc")]).chunks
        #expect(chunks.compactMap { $0["choices"]?[0]?["text"]?.string } == ["b", "c", ""])
        #expect(chunks.map { $0["choices"]?[0]?["finish_reason"] } == [.null, .null, "length"])
        #expect(chunks[0]["id"] == "cmpl-ID")
    }

    @Test func echoComesFirst() throws {
        let (chunks, response) = try run(#""prompt":"a","echo":true"#, [answer("b")])
        #expect(chunks[0]["choices"]?[0]?["text"] == "ab")
        #expect(response["choices"]?[0]?["text"] == "ab")
    }

    @Test func logProbabilitiesAreLists() throws {
        let numbers = try #require(
            try run(#""prompt":"a","logprobs":2"#, [answer("bc")]).response["choices"]?[0]?["logprobs"])
        #expect(numbers["tokens"] == ["b", "c"])
        #expect(numbers["token_logprobs"] == [-0.5, -0.5])
        #expect(numbers["text_offset"] == [0, 1])
        #expect(numbers["top_logprobs"]?[0]?["c"] == -3.0)
    }

    @Test func theBestOfSeveralIsSent() throws {
        let response = try run(#""prompt":"a","best_of":2"#, [answer("x", likely: -2), answer("y", likely: -1)])
            .response
        #expect(response["choices"]?.array?.count == 1)
        #expect(response["choices"]?[0]?["text"] == "y")
        #expect(response["choices"]?[0]?["logprobs"] == .null)
        #expect(response["usage"]?["completion_tokens"] == 2)
        #expect(response["usage"]?["prompt_tokens"] == 10)
    }

    @Test func promptsAreChoicesInTheirOrder() throws {
        let response = try run(#""prompt":["a","b"]"#, [answer("x"), answer("y")]).response
        #expect(response["choices"]?.array?.compactMap { $0["text"]?.string } == ["x", "y"])
        #expect(response["choices"]?.array?.compactMap { $0["index"]?.integer } == [0, 1])
        #expect(response["usage"]?["prompt_tokens"] == 20)
    }

    @Test func embeddings() throws {
        let plain = try EmbeddingsRequest(JSONValue(parsing: #"{"input":"a"}"#))
        #expect(try plain.json([0.5, -1]) == [0.5, -1.0])
        let short = try EmbeddingsRequest(JSONValue(parsing: #"{"input":["a"],"dimensions":2}"#))
        #expect(try short.json([3, 4, 9]).array?.compactMap(\.number) == [Double(Float(0.6)), Double(Float(0.8))])
        #expect(throws: RequestProblem.self) { try short.json([1]) }
        let base64 = try EmbeddingsRequest(JSONValue(parsing: #"{"input":"a","encoding_format":"base64"}"#))
        #expect(try base64.json([1, -2]) == "AACAPwAAAMA=")
        #expect(throws: RequestProblem.self) { try EmbeddingsRequest(JSONValue(parsing: #"{"input":""}"#)) }
        #expect(throws: RequestProblem.self) {
            try EmbeddingsRequest(JSONValue(parsing: #"{"input":"a","encoding_format":"x"}"#))
        }
    }
}
