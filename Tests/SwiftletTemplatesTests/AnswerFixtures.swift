import SwiftletGround
import SwiftletTemplates
import Testing

/// A whole answer and what it is parsed into, neighbours of one kind joined.
struct AnswerCase: Sendable, CustomTestStringConvertible {
    /// A text that a template of this style holds.
    let style: String
    let text: String
    let parts: [AnswerPart]
    var startsInReasoning = false

    init(_ style: String, _ text: String, _ parts: [AnswerPart], startsInReasoning: Bool = false) {
        self.style = style
        self.text = text
        self.parts = parts
        self.startsInReasoning = startsInReasoning
    }

    var testDescription: String { "\(style.prefix(24)): \(text.prefix(60))" }

    static let tools = ["weather", "time.now", "add"]

    static func call(_ index: Int = 0, _ name: String = "weather", _ arguments: String) -> [AnswerPart] {
        [
            .toolCallStart(index: index, name: name), .toolCallArguments(index: index, arguments),
            .toolCallEnd(index: index),
        ]
    }

    static let qwen = "<tool_call>\n{\"name\" <think>"
    static let llama = "<|python_tag|>"
    static let mistral = "[TOOL_CALLS]["
    static let mistralNamed = "[TOOL_CALLS] [ARGS]"
    static let granite = "respond only with <|tool_call|> followed by <think></think> <response></response>"
    static let lfm2 = "<|tool_call_start|> </think>"
    static let gemma4 = "<|tool_call>call: <|channel>thought <channel|>"
    static let functionGemma = "<start_function_call>"
    static let deepSeekR1 = "<｜tool▁call▁begin｜>function```json <think>"
    static let deepSeek3 = "<｜tool▁call▁begin｜>"

    /// Answers with calls, as the models' templates write them.
    static let wellFormed: [AnswerCase] = [
        AnswerCase(qwen, "Grüße, 世界! 👩‍👩‍👧 <b> a < b </tool_call>", [.content("Grüße, 世界! 👩‍👩‍👧 <b> a < b </tool_call>")]),
        AnswerCase(
            qwen,
            "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Köln </tool_call> \\\"}\"}}\n</tool_call>",
            call(0, "weather", #"{"city":"Köln </tool_call> \"}"}"#)),
        AnswerCase(
            qwen,
            "<think>\nLet me <tool_call>{} see.\n</think>\n\nI ask.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {}}\n"
                + "</tool_call>\n<tool_call>{\"arguments\": {\"a\": [1, 2.5, null]}, \"name\": \"add\"}</tool_call>\nDone.",
            [.reasoning("Let me <tool_call>{} see."), .content("I ask.")] + call(0, "weather", "{}")
                + call(1, "add", #"{"a":[1,2.5,null]}"#) + [.content("\nDone.")]),
        AnswerCase(qwen, "<think>\n\n</think>\n\nHello", [.content("Hello")]),
        AnswerCase(
            qwen, "I see.\n</think>\n\nHello", [.reasoning("I see."), .content("Hello")], startsInReasoning: true),
        AnswerCase(
            qwen, "<think>I see.</think>Hello", [.reasoning("I see."), .content("Hello")], startsInReasoning: true),
        AnswerCase(qwen, "I see. </thi", [.reasoning("I see. </thi")], startsInReasoning: true),
        AnswerCase(qwen, " \n<thin", [.content(" \n<thin")]),
        // The end of an answer closes the tag.
        AnswerCase(qwen, "<tool_call>{\"name\":\"add\"}", call(0, "add", "{}")),
        AnswerCase(
            qwen, "<tool_call>[{\"name\":\"add\"},{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}]</tool_call>",
            call(0, "add", "{}") + call(1, "add", #"{"a":1}"#)),
        AnswerCase(
            qwen,
            "<tool_call>\n<function=weather>\n<parameter=city>\nKöln\nam Rhein\n</parameter>\n<parameter=days>\n3\n</parameter>\n"
                + "</function>\n</tool_call>\n<function=add>\n</function>",
            call(0, "weather", #"{"city":"Köln\nam Rhein","days":3}"#) + call(1, "add", "{}")),
        AnswerCase(
            llama, "{\"name\": \"weather\", \"parameters\": {\"city\": \"Oslo\"}}",
            call(0, "weather", #"{"city":"Oslo"}"#)),
        AnswerCase(
            llama,
            "<|python_tag|>{\"type\": \"function\", \"name\": \"add\", \"parameters\": {}}; {\"name\": \"add\", \"parameters\": {\"a\": 1}}",
            call(0, "add", "{}") + call(1, "add", #"{"a":1}"#)),
        AnswerCase(llama, "<|python_tag|>weather.call(query=\"a, b\")", call(0, "weather", #"{"query":"a, b"}"#)),
        AnswerCase(
            mistral,
            "[TOOL_CALLS] [{\"name\": \"weather\", \"arguments\": {\"c\": \"[]\"}, \"id\": \"123456789\"}, {\"name\": \"add\", \"arguments\": {}}]",
            call(0, "weather", #"{"c":"[]"}"#) + call(1, "add", "{}")),
        AnswerCase(
            mistralNamed, "Yes. [TOOL_CALLS]weather[CALL_ID]abcdefghi[ARGS]{\"a\": {}}[TOOL_CALLS]add[ARGS]{}",
            [.content("Yes.")] + call(0, "weather", #"{"a":{}}"#) + call(1, "add", "{}")),
        AnswerCase(
            granite, "<think>Hm.</think><response>Here: 1 < 2</response>",
            [.reasoning("Hm."), .content("Here: 1 < 2")]),
        AnswerCase(
            granite, "<|tool_call|>[{\"name\": \"add\", \"arguments\": {\"a\": true}}]", call(0, "add", #"{"a":true}"#)),
        AnswerCase(granite, "<tool_call>[{\"arguments\": {}, \"name\": \"add\"}]", call(0, "add", "{}")),
        AnswerCase(
            lfm2,
            "Let me see.<|tool_call_start|>[weather(city=\"O'slo\", on=True, x={'a': [1, None, -2e3]}), time.now()]<|tool_call_end|>ok",
            [.content("Let me see.")] + call(0, "weather", #"{"city":"O'slo","on":true,"x":{"a":[1,null,-2000.0]}}"#)
                + call(1, "time.now", "{}") + [.content("ok")]),
        AnswerCase(
            lfm2, "<|tool_call_start|>[add(code='a\\n\\'b\\' \\u00e9 )]', y=null)]<|tool_call_end|>",
            call(0, "add", #"{"code":"a\n'b' é )]","y":null}"#)),
        AnswerCase(
            lfm2, "<|tool_call_start|>[{\"name\": \"add\", \"arguments\": {}}]<|tool_call_end|>", call(0, "add", "{}")),
        AnswerCase(
            gemma4,
            "<|channel>thought\nHm.<channel|><|tool_call>call:weather{city:<|\"|>São \"P\" {}<|\"|>,n:[1,true],o:{k:null}}<tool_call|>",
            [.reasoning("Hm.")] + call(0, "weather", #"{"city":"São \"P\" {}","n":[1,true],"o":{"k":null}}"#)),
        AnswerCase(
            functionGemma,
            "<start_function_call>call:weather{city:<escape>Oslo<escape>}<end_function_call><start_function_call>call:add{\"a\": \"b\"}",
            call(0, "weather", #"{"city":"Oslo"}"#) + call(1, "add", #"{"a":"b"}"#)),
        AnswerCase(
            deepSeekR1,
            "ok</think><｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n```json\n{\"a\": 1}\n```<｜tool▁call▁end｜>\n"
                + "<｜tool▁call▁begin｜>function<｜tool▁sep｜>weather\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            [.reasoning("ok")] + call(0, "add", #"{"a":1}"#) + call(1, "weather", "{}"), startsInReasoning: true),
        AnswerCase(
            deepSeek3,
            "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{\"a\": 1}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            call(0, "add", #"{"a":1}"#)),
    ]

    /// Answers that look like calls and are none: all of each is content.
    static let malformed: [(style: String, text: String)] = [
        (qwen, "<tool_call>\n{\"name\": \"unknown\", \"arguments\": {}}\n</tool_call>"),
        (qwen, "a <tool_call>\n{\"name\": \"add\", \"arguments\": {}\n</tool_call> b"),
        (qwen, "<tool_call>{\"name\": \"add\", \"arguments\": [1]}</tool_call>"),
        (qwen, "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 01}}</tool_call>"),
        (qwen, "<tool_call>{\"name\": \"add\", \"argum"),
        (qwen, "<tool_call> <tool_call> </tool_call>\n\n"),
        (qwen, "<function=add><parameter=x>1</function>"),
        (qwen, "<function=unknown></function>"),
        (llama, "{\"name\": \"add\"}"),
        (llama, "{\"city\": \"Oslo\"}"),
        (llama, "Text {\"name\": \"add\", \"parameters\": {}}"),
        (llama, "<|python_tag|>print(1 + 2)\nx = 3"),
        (mistral, "[TOOL_CALLS] [{\"name\": \"add\", \"arguments\": {}}, 1]"),
        (mistralNamed, "[TOOL_CALLS]unknown[ARGS]{}"),
        (mistralNamed, "[TOOL_CALLS]add[X]{}"),
        (granite, "<|tool_call|>[]"),
        (lfm2, "<|tool_call_start|>[add(1)]<|tool_call_end|>"),
        (lfm2, "<|tool_call_start|>[add(x=open('f'))]<|tool_call_end|>"),
        (lfm2, "<|tool_call_start|>[]<|tool_call_end|>"),
        (gemma4, "<|tool_call>call:add{a:<|\"|>}<tool_call|>"),
        (functionGemma, "<start_function_call>add{}<end_function_call>"),
        (deepSeek3, "<｜tool▁calls▁begin｜>add<｜tool▁sep｜>x{}"),
    ]
}

/// An answer parsed in pieces; neighbours of one kind are joined.
func parse(_ pieces: [String], with parser: AnswerParser) -> [AnswerPart] {
    var parser = parser
    return joined(pieces.flatMap { parser.append($0) } + parser.finish())
}

func joined(_ parts: [AnswerPart]) -> [AnswerPart] {
    var result: [AnswerPart] = []
    for part in parts {
        switch (result.last, part) {
        case (.content(let a)?, .content(let b)): result[result.count - 1] = .content(a + b)
        case (.reasoning(let a)?, .reasoning(let b)): result[result.count - 1] = .reasoning(a + b)
        default: result.append(part)
        }
    }
    return result
}

/// The text in two pieces, cut behind this many Unicode scalars.
func cut(_ text: String, _ count: Int) -> [String] {
    [
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(count))),
        String(String.UnicodeScalarView(text.unicodeScalars.dropFirst(count))),
    ]
}
