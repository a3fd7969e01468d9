import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletServer
import Testing

struct OpenAIChatChunksTests {
    private func chunks(
        _ events: [[ChatEvent]], stream: JSONObject = ["stream": true], logs: Bool = false
    ) throws -> [JSONValue] {
        let delivery = try StreamFields(Fields(.object(stream)))
        var chunks = OpenAIChatChunks(
            AnswerFixtures.head, choices: events.count, delivery: delivery, speller: logs ? AnswerFixtures.speller : nil
        )
        return events.enumerated().flatMap { index, events in events.flatMap { chunks.chunks(of: $0, choice: index) } }
    }

    @Test func everyPartHasItsDelta() throws {
        let deltas = try chunks([AnswerFixtures.everything]).compactMap { $0["choices"]?[0]?["delta"]?.text() }
        #expect(
            deltas == [
                #"{"role":"assistant","content":""}"#, #"{"reasoning_content":"r"}"#, #"{"content":"H"}"#,
                #"{"content":"i"}"#,
                #"{"tool_calls":[{"index":0,"id":"abc123def","type":"function","function":{"name":"f","arguments":""}}]}"#,
                #"{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]}"#,
                #"{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}"#, "{}",
            ])
    }

    @Test func framesAreOpenAIs() throws {
        let first = try #require(try chunks([AnswerFixtures.everything]).first)
        #expect(
            first.text()
                == #"{"id":"chatcmpl-ID","object":"chat.completion.chunk","created":1,"model":"m","#
                + #""system_fingerprint":"\#(ResponseHead.fingerprint)","choices":[{"index":0,"delta":{"role":"assistant","content":""},"#
                + #""logprobs":null,"finish_reason":null}]}"#)
    }

    @Test func onlyTheLastChunkHasAReason() throws {
        let reasons = try chunks([AnswerFixtures.everything]).map { $0["choices"]?[0]?["finish_reason"] }
        #expect(reasons.dropLast().allSatisfy { $0 == .null })
        #expect(reasons.last == "tool_calls")
    }

    @Test func usageComesLastWithoutChoices() throws {
        let chunks = try chunks(
            [AnswerFixtures.everything], stream: ["stream": true, "stream_options": ["include_usage": true]])
        #expect(chunks.dropLast().allSatisfy { $0["usage"] == .null })
        let last = try #require(chunks.last)
        #expect(last["choices"] == [])
        #expect(last["usage"]?["prompt_tokens"] == 10)
        #expect(last["usage"]?["completion_tokens"] == 7)
        #expect(last["usage"]?["prompt_tokens_details"]?["cached_tokens"] == 4)
        #expect(last["usage"]?["completion_tokens_details"]?["reasoning_tokens"] == 1)
        #expect(last["timings"]?["prompt_n"] == 6)
    }

    @Test func choicesKeepTheirNumbersAndShareThePrompt() throws {
        let message = ChatMessage(role: "assistant", content: "ab")
        let one = AnswerFixtures.said("ab") + [AnswerFixtures.finished(message, tokens: 2)]
        let chunks = try chunks(
            [one, one], stream: ["stream": true, "stream_options": ["include_usage": true]])
        #expect(chunks.compactMap { $0["choices"]?[0]?["index"]?.integer } == [0, 0, 0, 0, 1, 1, 1, 1])
        #expect(chunks.last?["usage"]?["prompt_tokens"] == 10)
        #expect(chunks.last?["usage"]?["completion_tokens"] == 4)
    }

    @Test func logProbabilitiesAreThoseOfTheContent() throws {
        let chunks = try chunks([AnswerFixtures.everything], logs: true)
        let numbers = chunks.compactMap { $0["choices"]?[0]?["logprobs"]?["content"]?.array }.flatMap { $0 }
        #expect(numbers.compactMap { $0["token"]?.string } == ["H", "i"])
        #expect(numbers.first?["bytes"] == [72])
        #expect(numbers.first?["top_logprobs"]?[1]?["token"] == "I")
    }

    @Test func aTokenWithHeldTextComesWithTheNext() throws {
        // A token whose text could be the beginning of a stop text comes alone; then both texts at once.
        let events: [ChatEvent] = [
            AnswerFixtures.token("a"), AnswerFixtures.token("b"), .content("ab"),
            AnswerFixtures.finished(ChatMessage(role: "assistant", content: "ab"), tokens: 2),
        ]
        let chunks = try chunks([events], logs: true)
        #expect(chunks[1]["choices"]?[0]?["logprobs"]?["content"]?.array?.count == 2)
    }

    @Test func anEmptyAnswerStillBegins() throws {
        let events = [AnswerFixtures.finished(ChatMessage(role: "assistant", content: ""), .length, tokens: 0)]
        let chunks = try chunks([events])
        #expect(chunks.count == 2)
        #expect(chunks[1]["choices"]?[0]?["finish_reason"] == "length")
    }

    @Test func theWholeResponseHasWhatTheChunksHave() throws {
        var response = OpenAIChatResponse(AnswerFixtures.head, choices: 1, speller: AnswerFixtures.speller)
        for event in AnswerFixtures.everything { response.take(event, choice: 0) }
        let choice = try #require(response.json["choices"]?[0])
        #expect(choice["finish_reason"] == "tool_calls")
        #expect(choice["message"]?["content"] == "Hi")
        #expect(choice["message"]?["reasoning_content"] == "r")
        #expect(choice["message"]?["tool_calls"]?[0]?["function"]?["arguments"] == #"{"a":1}"#)
        #expect(choice["logprobs"]?["content"]?.array?.count == 2)
        #expect(response.json["object"] == "chat.completion")
    }
}
