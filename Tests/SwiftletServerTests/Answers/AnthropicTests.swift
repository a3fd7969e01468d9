import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletServer
import Testing

struct AnthropicTests {
    private func read(_ members: String, counts: Bool = false) throws -> AnthropicRequest {
        try AnthropicRequest(
            JSONValue(parsing: #"{"model":"m","max_tokens":5,\#(members)}"#), defaults: RequestDefaults(),
            counts: counts)
    }

    @Test func aConversationIsRead() throws {
        let request = try read(
            """
            "system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"top_k":4,"temperature":0.3,
            "stop_sequences":["END"],"thinking":{"type":"enabled","budget_tokens":1024},
            "messages":[{"role":"user","content":"a"},
              {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":""},{"type":"text","text":"b"},
                {"type":"tool_use","id":"toolu_abc123def","name":"f","input":{"a":1}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_abc123def","content":[{"type":"text","text":"42"}]},
                {"type":"text","text":"c"}]}],
            "tools":[{"name":"f","description":"D","input_schema":{"type":"object"}},{"type":"web_search_20250305","name":"w"}],
            "tool_choice":{"type":"any","disable_parallel_tool_use":true}
            """)
        let messages = request.chat.messages
        #expect(messages.map(\.role) == ["system", "user", "assistant", "tool", "user"])
        #expect(messages[2].reasoning == "t")
        #expect(messages[2].toolCalls == [ToolCall(id: "abc123def", name: "f", arguments: ["a": 1])])
        #expect((messages[3].toolCallID, messages[3].toolName, messages[3].content) == ("abc123def", "f", "42"))
        #expect(request.chat.tools.map(\.name) == ["f"])
        #expect(request.chat.toolChoice == .required)
        #expect(!request.chat.allowsParallelCalls)
        #expect(request.chat.thinking == true)
        let generation = request.chat.settings.generation
        #expect((generation.maxTokens, generation.stop, generation.sampling.topK) == (5, ["END"], 4))
    }

    @Test func nobodyThinksUnasked() throws {
        #expect(try read(#""messages":[{"role":"user","content":"a"}]"#).chat.thinking == false)
    }

    @Test func anAssistantAtTheEndIsContinued() throws {
        let messages = #""messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]"#
        #expect(try read(messages).chat.continuesLastMessage)
    }

    @Test(arguments: [
        (#"{"messages":[{"role":"user","content":"a"}],"max_tokens":1}"#, "model: Field required"),
        (#"{"model":"m","messages":[{"role":"user","content":"a"}]}"#, "max_tokens: Field required"),
        (#"{"model":"m","max_tokens":1}"#, "messages: Field required"),
        (#"{"model":"m","max_tokens":0,"messages":[]}"#, "max_tokens: Input should be greater than or equal to 1"),
        (
            #"{"model":"m","max_tokens":1,"messages":[{"role":"x","content":"a"}]}"#,
            "messages.0.role: Input should be 'user' or 'assistant' or 'system'"
        ),
        (
            #"{"model":"m","max_tokens":1,"temperature":2,"messages":[{"role":"user","content":"a"}]}"#,
            "temperature: Input should be less than or equal to 1.0"
        ),
        (
            #"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image"}]}]}"#,
            "messages.0.content.0.type: blocks of type 'image' cannot be given to this model, which reads text only"
        ),
    ])
    func problemsInAnthropicsWords(_ body: String, _ message: String) {
        let problem = #expect(throws: RequestProblem.self) {
            try AnthropicRequest(JSONValue(parsing: body), defaults: RequestDefaults())
        }
        #expect(problem?.anthropicMessage == message)
    }

    @Test func eventsComeInAnthropicsOrder() throws {
        var events = AnthropicEvents(AnswerFixtures.head)
        let all = AnswerFixtures.everything.flatMap { events.events(of: $0) }
        let block = ["content_block_start", "content_block_delta"]
        #expect(
            all.map(\.name) == ["message_start", "ping"] + block + ["content_block_delta", "content_block_stop"]
                + block + ["content_block_delta", "content_block_stop"] + block + [
                    "content_block_delta", "content_block_stop",
                ]
                + ["message_delta", "message_stop"])
        #expect(all.compactMap { $0.data["index"]?.integer } == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
        #expect(
            all.compactMap { $0.data["delta"]?["type"]?.string } == [
                "thinking_delta", "signature_delta", "text_delta", "text_delta", "input_json_delta", "input_json_delta",
            ])
        #expect(all[0].data["message"]?["usage"]?["input_tokens"] == 10)
        #expect(all[all.count - 2].data["delta"]?["stop_reason"] == "tool_use")
        #expect(all[all.count - 2].data["usage"]?["cache_read_input_tokens"] == 4)
        #expect(
            events.message["content"]?.array?.compactMap { $0["type"]?.string } == ["thinking", "text", "tool_use"])
        #expect(events.message["content"]?[2]?["input"] == ["a": 1])
        #expect(events.message["content"]?[2]?["id"] == "toolu_abc123def")
    }

    @Test func reasonsToStop() {
        let message = ChatMessage(role: "assistant", content: "a")
        for (event, reason, sequence): (ChatEvent, JSONValue, JSONValue) in [
            (AnswerFixtures.finished(message, tokens: 1), "end_turn", nil),
            (AnswerFixtures.finished(message, .length, tokens: 1), "max_tokens", nil),
            (AnswerFixtures.finished(message, tokens: 1, stopText: "END"), "stop_sequence", "END"),
        ] {
            var events = AnthropicEvents(AnswerFixtures.head)
            _ = events.events(of: event)
            #expect(events.message["stop_reason"] == reason)
            #expect(events.message["stop_sequence"] == sequence)
        }
    }
}
