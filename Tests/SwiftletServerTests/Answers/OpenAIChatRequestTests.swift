import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletServer
import Testing

struct OpenAIChatRequestTests {
    static let hello = #""messages":[{"role":"user","content":"Hi"}]"#

    private func read(_ members: String, messages: Bool = true) throws -> OpenAIChatRequest {
        let text = "{" + (messages ? Self.hello + (members.isEmpty ? "" : ",") : "") + members + "}"
        return try OpenAIChatRequest(JSONValue(parsing: text), defaults: RequestDefaults(client: "c"))
    }

    @Test func settingsAreRead() throws {
        let request = try read(
            """
            "model":"m","temperature":0.5,"top_p":0.9,"seed":7,"max_tokens":5,"stop":"x","frequency_penalty":1,
            "presence_penalty":-1,"logit_bias":{"12":-100},"top_k":3,"min_p":0.1,"repeat_penalty":1.1,"dry_multiplier":0.8,
            "xtc_probability":0.5,"ignore_eos":true,"cache_prompt":false,"n":2,"unknown":{"a":1}
            """)
        let generation = request.chat.settings.generation
        let sampling = generation.sampling
        #expect(request.model == "m")
        #expect((sampling.temperature, sampling.topP, sampling.minP) == (0.5, 0.9, 0.1))
        #expect((sampling.topK, sampling.seed, sampling.logitBias) == (3, 7, [12: -100]))
        #expect((sampling.frequencyPenalty, sampling.presencePenalty, sampling.repeatPenalty) == (1, -1, 1.1))
        #expect((sampling.dryMultiplier, sampling.xtcProbability) == (0.8, 0.5))
        #expect((generation.maxTokens, generation.stop, generation.ignoresEnd) == (5, ["x"], true))
        #expect(!request.chat.settings.usesPrefixCache)
        #expect(request.chat.settings.client == "c")
        #expect(request.request(choice: 1).settings.generation.sampling.seed == 8)
    }

    /// Where several names mean the same, the first one counts, and nonsense under another is told all the same.
    @Test func otherNamesAreReadToo() throws {
        let request = try read(#""max_completion_tokens":5,"max_tokens":7,"repeat_penalty":2,"repetition_penalty":3"#)
        #expect(request.chat.settings.generation.maxTokens == 5)
        #expect(request.chat.settings.generation.sampling.repeatPenalty == 2)
        #expect(try read(#""max_tokens":-1,"n_predict":7"#).chat.settings.generation.maxTokens == nil)
        for members in [
            #""max_completion_tokens":5,"max_tokens":"x""#, #""max_tokens":5,"n_predict":0"#,
            #""repeat_penalty":2,"repetition_penalty":[]"#, #""reasoning_effort":"low","reasoning":5"#,
            #""logprobs":true,"n_probs":"x""#, #""continue_final_message":"yes""#, #""add_generation_prompt":1"#,
        ] {
            #expect(throws: RequestProblem.self, "\(members)") { try read(members) }
        }
    }

    /// Lower goes first, as with vLLM; nobody goes before others by asking.
    @Test(arguments: [
        ("-9223372036854775808", 0), ("-1", 0), ("0", 0), ("3", -3), ("9223372036854775807", -1000),
    ]) func prioritiesOnlyGiveWay(text: String, expected: Int) throws {
        #expect(try read(#""priority":\#(text)"#).chat.settings.priority == expected)
    }

    @Test func stopsAreFewAndShort() {
        let long = String(repeating: "a", count: 4097)
        for stops in ["\"\(long)\"", "[" + Array(repeating: "\"a\"", count: 65).joined(separator: ",") + "]"] {
            #expect(throws: RequestProblem.self) { try read("\"stop\":\(stops)") }
        }
    }

    @Test func nullsAreDefaults() throws {
        let request = try read(
            #""temperature":null,"stop":null,"tools":null,"response_format":null,"n":null,"logprobs":null,"stream":null"#
        )
        #expect(request.chat.settings.generation == GenerationParameters())
        #expect(request.choices == 1)
        #expect(!request.delivery.streams)
    }

    @Test(arguments: [
        (#""temperature":"hot""#, "temperature", "invalid_type"),
        (#""temperature":3"#, "temperature", "decimal_above_max_value"),
        (#""max_tokens":0"#, "max_tokens", "integer_below_min_value"),
        (#""max_tokens":1.5"#, "max_tokens", "invalid_type"), (#""n":0"#, "n", "integer_below_min_value"),
        (#""n":1000"#, "n", "integer_above_max_value"), (#""stop":[1]"#, "stop[0]", "invalid_type"),
        (#""top_logprobs":3"#, "top_logprobs", nil),
        (#""logprobs":true,"top_logprobs":21"#, "top_logprobs", "integer_above_max_value"),
        (#""logit_bias":{"a":1}"#, "logit_bias", nil), (#""tool_choice":"required""#, "tool_choice", nil),
        (#""tools":[{"type":"function"}]"#, "tools[0].function", "missing_required_parameter"),
        (
            #""tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"g"}}"#,
            "tool_choice", nil
        ),
        (#""response_format":{"type":"xml"}"#, "response_format.type", "invalid_value"),
        (#""response_format":{"type":"json_schema"}"#, "response_format.json_schema", "missing_required_parameter"),
        (#""stream_options":{"include_usage":true}"#, "stream_options", nil),
    ])
    func problemsHaveOpenAIsNames(_ members: String, _ place: String, _ code: String?) {
        let problem = #expect(throws: RequestProblem.self) { try read(members) }
        #expect(problem?.path.bracketed == place)
        #expect(problem?.openAICode == code)
        #expect(problem?.openAIMessage.contains("'\(place)'") == true || problem?.openAICode == "invalid_value")
    }

    @Test(arguments: [
        ("", "messages", "missing_required_parameter"), (#""messages":[]"#, "messages", nil),
        (#""messages":"x""#, "messages", "invalid_type"), (#""messages":[1]"#, "messages[0]", "invalid_type"),
        (#""messages":[{"content":"x"}]"#, "messages[0].role", "missing_required_parameter"),
        (#""messages":[{"role":"robot","content":"x"}]"#, "messages[0].role", "invalid_value"),
        (#""messages":[{"role":"user"}]"#, "messages[0].content", "missing_required_parameter"),
        (#""messages":[{"role":"tool","content":"x"}]"#, "messages[0].tool_call_id", "missing_required_parameter"),
        (#""messages":[{"role":"user","content":[{"type":"image_url"}]}]"#, "messages[0].content[0].type", nil),
    ])
    func wrongMessagesAreRefused(_ members: String, _ place: String, _ code: String?) {
        let problem = #expect(throws: RequestProblem.self) { try read(members, messages: false) }
        #expect(problem?.path.bracketed == place)
        #expect(problem?.openAICode == code)
    }

    @Test func aConversationWithToolsIsRead() throws {
        let request = try read(
            """
            "messages":[{"role":"developer","content":"d"},
              {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
              {"role":"assistant","content":null,"reasoning_content":"t","tool_calls":[
                {"id":"1","type":"function","function":{"name":"f","arguments":"{\\"a\\":1}"}}]},
              {"role":"tool","tool_call_id":"1","content":"42"}],
            "tools":[{"type":"function","function":{"name":"f","description":"D","parameters":{"type":"object"}}}],
            "tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false
            """, messages: false)
        let messages = request.chat.messages
        #expect(messages.map(\.role) == ["system", "user", "assistant", "tool"])
        #expect(messages.map(\.content) == ["d", "a\nb", "", "42"])
        #expect(messages[2].toolCalls == [ToolCall(id: "1", name: "f", arguments: ["a": 1])])
        #expect(messages[2].reasoning == "t")
        #expect((messages[3].toolCallID, messages[3].toolName) == ("1", "f"))
        #expect(request.chat.tools == [ToolDefinition(name: "f", description: "D", parameters: ["type": "object"])])
        #expect(request.chat.toolChoice == .named("f"))
        #expect(!request.chat.allowsParallelCalls)
    }

    @Test func allowedToolsLeaveTheOthersOut() throws {
        let request = try read(
            """
            "tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],
            "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[
              {"type":"function","function":{"name":"g"}}]}}
            """)
        #expect(request.chat.tools.map(\.name) == ["g"])
        #expect(request.chat.toolChoice == .required)
    }

    @Test(arguments: [
        (#""response_format":{"type":"text"}"#, AnswerFormat.text),
        (#""response_format":{"type":"json_object"}"#, .json),
        (
            #""response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"array"}}}"#,
            .schema(["type": "array"])
        ),
        (#""json_schema":{}"#, .schema(["type": "object"])),
        (#""guided_json":"{\"type\":\"null\"}""#, .schema(["type": "null"])),
        (#""grammar":"root ::= \"a\"""#, .grammar("root ::= \"a\"")), (#""guided_regex":"a+""#, .expression("a+")),
        (#""structured_outputs":{"choice":["a\"b","c"]}"#, .choice([#"a"b"#, "c"])),
    ])
    func formats(_ members: String, _ format: AnswerFormat) throws {
        #expect(try read(members).chat.settings.format == format)
    }

    @Test func thinking() throws {
        #expect(try read("").chat.thinking == nil)
        #expect(try read(#""reasoning_effort":"none""#).chat.thinking == false)
        let high = try read(#""reasoning_effort":"high""#).chat
        #expect(high.thinking == true)
        #expect(high.variables["reasoning_effort"] == "high")
        #expect(try read(#""chat_template_kwargs":{"enable_thinking":false}"#).chat.thinking == false)
    }

    @Test func anAssistantAtTheEndIsContinued() throws {
        let messages = #""messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]"#
        #expect(try read(messages, messages: false).chat.continuesLastMessage)
        #expect(try !read(messages + #","add_generation_prompt":true"#, messages: false).chat.continuesLastMessage)
        #expect(try !read(messages + #","continue_final_message":false"#, messages: false).chat.continuesLastMessage)
        #expect(throws: RequestProblem.self) { try read(#""continue_final_message":true"#) }
    }

    @Test func logProbabilities() throws {
        #expect(try read(#""logprobs":true"#).chat.settings.generation.topLogProbabilities == 0)
        #expect(try read(#""logprobs":true,"top_logprobs":5"#).chat.settings.generation.topLogProbabilities == 5)
        #expect(try read(#""logprobs":false"#).chat.settings.generation.topLogProbabilities == nil)
    }

    @Test func theModelsOwnSettingsStandBefore() throws {
        var defaults = RequestDefaults(
            system: "Be kind",
            firstTurns: [ChatMessage(role: "user", content: "1"), ChatMessage(role: "assistant", content: "2")])
        defaults.generation.sampling.topK = 7
        let plain = try OpenAIChatRequest(JSONValue(parsing: "{\(Self.hello)}"), defaults: defaults)
        #expect(plain.chat.messages.map(\.content) == ["Be kind", "1", "2", "Hi"])
        #expect(plain.chat.settings.generation.sampling.topK == 7)
        let body = #"{"top_k":3,"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}]}"#
        let own = try OpenAIChatRequest(JSONValue(parsing: body), defaults: defaults)
        #expect(own.chat.messages.map(\.content) == ["s", "1", "2", "u"])
        #expect(own.chat.settings.generation.sampling.topK == 3)
    }
}
