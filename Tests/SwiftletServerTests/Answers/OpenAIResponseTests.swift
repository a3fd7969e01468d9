import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletServer
import Testing

struct OpenAIResponseTests {
    private func read(_ members: String) throws -> OpenAIResponseRequest {
        try OpenAIResponseRequest(JSONValue(parsing: "{\(members)}"), defaults: RequestDefaults())
    }

    @Test func inputAsText() throws {
        let request = try read(
            #""input":"Hi","instructions":"Be kind","max_output_tokens":9,"reasoning":{"effort":"low"}"#)
        #expect(request.chat.messages.map(\.role) == ["system", "user"])
        #expect(request.chat.settings.generation.maxTokens == 9)
        #expect(request.chat.thinking == true)
        #expect(request.echo["instructions"] == "Be kind")
    }

    @Test func itemsOfOneTurnAreOneMessage() throws {
        let request = try read(
            """
            "input":[{"role":"user","content":[{"type":"input_text","text":"a"}]},
              {"type":"reasoning","id":"rs","summary":[],"content":[{"type":"reasoning_text","text":"t"}]},
              {"type":"message","role":"assistant","content":[{"type":"output_text","text":"b"}]},
              {"type":"function_call","call_id":"1","name":"f","arguments":"{}"},
              {"type":"function_call_output","call_id":"1","output":"42"}],
            "tools":[{"type":"function","name":"f","parameters":{"type":"object"}},{"type":"web_search"}],
            "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"}}}
            """)
        let messages = request.chat.messages
        #expect(messages.map(\.role) == ["user", "assistant", "tool"])
        #expect(messages[1].content == "b")
        #expect(messages[1].reasoning == "t")
        #expect(messages[1].toolCalls.map(\.id) == ["1"])
        #expect((messages[2].toolName, messages[2].toolCallID, messages[2].content) == ("f", "1", "42"))
        #expect(request.chat.tools.map(\.name) == ["f"])
        #expect(request.chat.settings.format == .schema(["type": "object"]))
    }

    @Test(arguments: [
        ("", "input"), (#""input":1"#, "input"), (#""input":[]"#, "input"),
        (#""input":"a","previous_response_id":"r""#, "previous_response_id"),
        (#""input":"a","background":true"#, "background"),
        (#""input":[{"type":"item_reference","id":"x"}]"#, "input[0].type"),
        (#""input":[{"role":"user","content":[{"type":"input_image"}]}]"#, "input[0].content[0].type"),
        (#""input":"a","tool_choice":{"type":"function","name":"g"}"#, "tool_choice"),
    ])
    func problems(_ members: String, _ place: String) {
        let problem = #expect(throws: RequestProblem.self) { try read(members) }
        #expect(problem?.path.bracketed == place)
    }

    @Test func eventsComeInOpenAIsOrder() throws {
        var events = OpenAIResponseEvents(AnswerFixtures.head, echo: try read(#""input":"a""#).echo)
        let all = events.begin() + AnswerFixtures.everything.flatMap { events.events(of: $0) }
        let item = ["response.output_item.added", "response.content_part.added"]
        let done = ["response.content_part.done", "response.output_item.done"]
        #expect(
            all.map(\.name) == ["response.created", "response.in_progress"]
                + item + ["response.reasoning_text.delta", "response.reasoning_text.done"] + done
                + item + ["response.output_text.delta", "response.output_text.delta", "response.output_text.done"]
                + done
                + [
                    "response.output_item.added", "response.function_call_arguments.delta",
                    "response.function_call_arguments.delta", "response.function_call_arguments.done",
                    "response.output_item.done", "response.completed",
                ])
        #expect(all.compactMap { $0.data["sequence_number"]?.integer } == Array(0..<all.count))
        #expect(all.allSatisfy { $0.data["type"]?.string == $0.name })
        let response = try #require(all.last?.data["response"])
        #expect(response["status"] == "completed")
        #expect(
            response["output"]?.array?.compactMap { $0["type"]?.string } == ["reasoning", "message", "function_call"])
        #expect(response["output"]?[1]?["content"]?[0]?["text"] == "Hi")
        #expect(response["output"]?[2]?["arguments"] == #"{"a":1}"#)
        #expect(response["usage"]?["output_tokens_details"]?["reasoning_tokens"] == 1)
    }

    @Test func anAnswerThatWasCutOffIsIncomplete() throws {
        var events = OpenAIResponseEvents(AnswerFixtures.head, echo: try read(#""input":"a""#).echo)
        let message = ChatMessage(role: "assistant", content: "a")
        let answer = AnswerFixtures.said("a") + [AnswerFixtures.finished(message, .length, tokens: 1)]
        let last = try #require((events.begin() + answer.flatMap { events.events(of: $0) }).last)
        #expect(last.name == "response.incomplete")
        #expect(last.data["response"]?["incomplete_details"]?["reason"] == "max_output_tokens")
    }
}
