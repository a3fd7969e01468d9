import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletServer
import Testing

struct LlamaCompletionTests {
    private func read(_ members: String, infills: Bool = false) throws -> LlamaCompletionRequest {
        try LlamaCompletionRequest(JSONValue(parsing: "{\(members)}"), defaults: RequestDefaults(), infills: infills)
    }

    private func run(_ members: String, _ answers: Int = 1) throws -> (chunks: [JSONValue], response: JSONValue) {
        var chunks = LlamaCompletionChunks(try read(members), model: "m", speller: AnswerFixtures.speller)
        let message = ChatMessage(role: "assistant", content: "b\n")
        let events = AnswerFixtures.said("b\n") + [AnswerFixtures.finished(message, tokens: 2, stopText: "END")]
        var all: [JSONValue] = []
        for index in 0..<answers { for event in events { all += chunks.chunks(of: event, choice: index) } }
        return (all, chunks.response)
    }

    @Test func otherNamesAreReadToo() throws {
        let request = try read(#""prompt":"a","n_predict":-1,"max_tokens":7,"n_cmpl":2,"n":3,"n_probs":4,"logprobs":5"#)
        #expect(request.choices == 2 && request.settings.generation.maxTokens == nil)
        #expect(request.settings.generation.topLogProbabilities == 4)
        for members in [#""n_predict":1,"max_tokens":-2"#, #""n_cmpl":1,"n":0"#, #""n_probs":1,"logprobs":true"#] {
            #expect(throws: RequestProblem.self, "\(members)") { try read(#""prompt":"a","# + members) }
        }
    }

    @Test func aWholeResponse() throws {
        let response = try run(#""prompt":"a","n_predict":9,"temperature":3,"return_tokens":true,"stop":["END"]"#)
            .response
        #expect(response["content"] == "b\n")
        #expect(response["stop"] == true)
        #expect(response["stop_type"] == "word")
        #expect(response["stopping_word"] == "END")
        #expect(response["has_new_line"] == true)
        #expect(response["tokens"] == [65, 65])
        #expect(response["tokens_cached"] == 12)
        #expect(response["generation_settings"]?["temperature"] == 3.0)
        #expect(response["generation_settings"]?["n_predict"] == 9)
        #expect(response["timings"]?["cache_n"] == 4)
        #expect(response["completion_probabilities"] == nil)
    }

    @Test func aStream() throws {
        let chunks = try run(#""prompt":"a","stream":true,"n_probs":1"#).chunks
        #expect(chunks.compactMap { $0["content"]?.string } == ["b", "\n", ""])
        #expect(chunks.compactMap { $0["stop"]?.bool } == [false, false, true])
        #expect(chunks[0]["tokens"] == [98])
        #expect(chunks[0]["completion_probabilities"]?[0]?["id"] == 98)
        #expect(chunks[0]["completion_probabilities"]?[0]?["top_logprobs"]?[0]?["logprob"] == -0.5)
    }

    @Test func probabilitiesAfterSampling() throws {
        let request = try read(#""prompt":"a","n_probs":1,"post_sampling_probs":true"#)
        #expect(request.settings.generation.tellsChancesOfSampling)
        let first = try run(#""prompt":"a","n_probs":1,"post_sampling_probs":true"#).response[
            "completion_probabilities"]?[0]
        #expect(first?["id"] == 98)
        #expect(first?["logprob"] == nil)
        #expect(first?["prob"]?.number.map { abs($0 - 0.606_530_66) < 1e-6 } == true)
        #expect(first?["top_probs"]?[1]?["prob"]?.number.map { abs($0 - 0.049_787_07) < 1e-6 } == true)
    }

    @Test func severalPromptsAreAList() throws {
        let response = try run(#""prompt":["a",[1]]"#, 2).response
        #expect(response.array?.compactMap { $0["index"]?.integer } == [0, 1])
        #expect(response[1]?["prompt"] == [1])
    }

    @Test func chosenFields() throws {
        let response = try run(#""prompt":"a","response_fields":["content","generation_settings/top_k","nothing"]"#)
            .response
        #expect(response == ["content": "b\n", "top_k": 40])
    }

    @Test func infill() throws {
        let members = #""input_prefix":"p","input_suffix":"s","prompt":"q","input_extra":[{"filename":"f","text":"t"}]"#
        #expect(
            try read(members, infills: true).prompts == [.infill(prefix: "--- snippet ---\n\nf\nt\npq", suffix: "s")])
        #expect(throws: RequestProblem.self) { try read(#""input_prefix":"p""#, infills: true) }
    }

    @Test func extras() throws {
        let settings = try read(
            #""prompt":"a","samplers":["top_k","temperature"],"mirostat":2,"logit_bias":[[5,false],[6,1.5]],"dry_base":0.5"#
        ).settings.generation.sampling
        #expect(settings.order == [.topK, .temperature])
        #expect(settings.mirostat == .version2)
        #expect(settings.logitBias == [5: -.infinity, 6: 1.5])
        #expect(settings.dryBase == 1.75)
    }

    @Test func problemsInLlamasWords() {
        let problem = #expect(throws: RequestProblem.self) { try read(#""prompt":"a","top_k":"x""#) }
        #expect(problem?.llamaMessage == "Field 'top_k': type must be integer, but is string")
    }
}
