import Foundation
import SwiftletGround
import SwiftletTemplates
import Testing

@Suite struct AnswerTests {
    @Test(arguments: AnswerCase.wellFormed) func formsAreParsedWholeAndInPieces(_ example: AnswerCase) {
        let parser = AnswerParser(
            AnswerStyle(templateSource: example.style), toolNames: AnswerCase.tools,
            startsInReasoning: example.startsInReasoning)
        #expect(parse([example.text], with: parser) == example.parts)
        for place in 0...example.text.unicodeScalars.count {
            #expect(parse(cut(example.text, place), with: parser) == example.parts, "cut at \(place)")
        }
        #expect(parse(example.text.unicodeScalars.map { String($0) }, with: parser) == example.parts)
    }

    @Test(arguments: AnswerCase.malformed) func malformedCallsStayText(_ style: String, _ text: String) {
        let parser = AnswerParser(
            AnswerStyle(templateSource: style), toolNames: AnswerCase.tools, startsInReasoning: false)
        for place in 0...text.unicodeScalars.count {
            let parts = parse(cut(text, place), with: parser)
            #expect(parts == [.content(text)], "cut at \(place)")
        }
        // What follows is read as ever.
        let call = "<tool_call>{\"name\": \"add\"}</tool_call>"
        if style == AnswerCase.qwen, !text.hasSuffix("argum") {
            let parts = parse([text, call], with: parser)
            #expect(parts.last == .toolCallEnd(index: 0))
            #expect(parts.contains(.toolCallStart(index: 0, name: "add")))
        }
    }

    @Test func textIsGivenOutAsSoonAsItIsCertain() {
        var parser = AnswerParser(
            AnswerStyle(templateSource: AnswerCase.qwen), toolNames: AnswerCase.tools, startsInReasoning: false)
        #expect(parser.append("Hi") == [.content("Hi")])
        #expect(parser.append(" <") == [])
        #expect(parser.append("b> ") == [.content(" <b>")])
        #expect(parser.append("<tool_call>{\"name\":") == [])
        #expect(parser.append("x") == [])
        // Outside of strings this is no JSON.
        #expect(parser.append("!") == [.content(" <tool_call>{\"name\":x!")])
        var plain = AnswerParser(.plain, toolNames: AnswerCase.tools, startsInReasoning: true)
        #expect(plain.append(" <think>") == [.content(" <think>")])
        var bare = AnswerParser(
            AnswerStyle(templateSource: AnswerCase.llama), toolNames: AnswerCase.tools, startsInReasoning: false)
        #expect(bare.append("{\"city\"") == [.content("{\"city\"")])
    }

    @Test func switchesLeaveMarkersInTheText() {
        let text =
            "<think>\nHm <tool_call>{\"name\":\"add\"}</tool_call>\n</think>\n\n<tool_call>{\"name\":\"add\"}</tool_call>"
        let style = AnswerStyle(templateSource: AnswerCase.qwen)
        let none = AnswerParser(
            style, toolNames: ["add"], startsInReasoning: false, parsesReasoning: false, parsesTools: false)
        #expect(parse([text], with: none) == [.content(text)])
        let tools = AnswerParser(style, toolNames: ["add"], startsInReasoning: false, parsesReasoning: false)
        #expect(
            parse([text], with: tools)
                == [.content("<think>\nHm <tool_call>{\"name\":\"add\"}</tool_call>\n</think>")]
                + AnswerCase.call(0, "add", "{}"))
        let noTools = AnswerParser(style, toolNames: [], startsInReasoning: false)
        #expect(
            parse([text], with: noTools) == [
                .reasoning("Hm <tool_call>{\"name\":\"add\"}</tool_call>"),
                .content("<tool_call>{\"name\":\"add\"}</tool_call>"),
            ])
    }

    @Test func schemasGiveBareArgumentsTheirTypes() throws {
        let tool = try JSONValue(
            parsing:
                #"{"type":"function","function":{"name":"add","parameters":{"properties":{"a":{"type":"string"}}}}}"#)
        let parser = AnswerParser(
            AnswerStyle(templateSource: AnswerCase.qwen), tools: [tool], startsInReasoning: false)
        let text =
            "<tool_call><function=add><parameter=a>1</parameter><parameter=b>1</parameter></function></tool_call>"
        #expect(parse([text], with: parser) == AnswerCase.call(0, "add", #"{"a":"1","b":1}"#))
    }

    /// What a grammar forces after a style's form is read back as calls.
    @Test(arguments: [
        AnswerCase.qwen, AnswerCase.llama, AnswerCase.mistral, AnswerCase.mistralNamed, AnswerCase.granite,
        AnswerCase.lfm2,
        AnswerCase.gemma4, AnswerCase.functionGemma, AnswerCase.deepSeekR1, AnswerCase.deepSeek3,
    ]) func formsThatAreForcedAreReadBack(_ source: String) throws {
        let style = AnswerStyle(templateSource: source)
        let form = try #require(style.callForm)
        let arguments = [#"{"a": "<\"{[x]}>", "b": {"c": [null, -1.5]}}"#, "{}"].prefix(form.allowsParallel ? 2 : 1)
        var text = form.opening
        for (index, argument) in arguments.enumerated() {
            if index > 0 { text += form.separator ?? "" }
            for piece in form.call {
                switch piece {
                case .text(let literal): text += literal
                case .name: text += "add"
                case .arguments: text += argument
                }
            }
        }
        text += form.closing
        #expect(text.hasPrefix(form.trigger))
        let expected = try arguments.enumerated().flatMap {
            AnswerCase.call($0, "add", try JSONValue(parsing: $1).text())
        }
        let parser = AnswerParser(style, toolNames: ["add"], startsInReasoning: false)
        for place in 0...text.unicodeScalars.count {
            #expect(parse(cut(text, place), with: parser) == expected)
        }
    }

    @Test func plainStyleHasNothing() {
        #expect(AnswerStyle(templateSource: "{{ .Prompt }}") == .plain)
        #expect(!AnswerStyle.plain.supportsTools && !AnswerStyle.plain.supportsReasoning)
        #expect(AnswerStyle.plain.callForm == nil && AnswerStyle.plain.markers.isEmpty)
        #expect(!AnswerStyle.plain.startsInReasoning(prompt: "<think>"))
        let style = AnswerStyle(templateSource: AnswerCase.qwen)
        #expect(style.startsInReasoning(prompt: "<|im_start|>assistant\n<think>\n"))
        #expect(!style.startsInReasoning(prompt: "<|im_start|>assistant\n<think>\n\n</think>\n\n"))
        #expect(style.markers == ["<think>", "</think>", "<tool_call>", "<function=", "</tool_call>"])
    }

    /// Templates of real models show their styles.
    @Test(
        .enabled(if: Shared.isPresent("conformance/templates/renders.json")),
        arguments: [
            ("Qwen-Qwen2.5-7B-Instruct", "<tool_call>", false), ("Qwen-Qwen3-0.6B", "<tool_call>", true),
            ("Qwen3.5-4B", "<tool_call>", true), ("Qwen-QwQ-32B", "<tool_call>", true),
            ("NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", "<tool_call>", false),
            ("ibm-granite-granite-4.0", "<tool_call>", false),
            ("ibm-granite-granite-3.3-2B-Instruct", "<|tool_call|>", true),
            ("meta-llama-Llama-3.1-8B-Instruct", "{\"name\": \"", false),
            ("meta-llama-Llama-3.2-3B-Instruct", "{\"name\": \"", false),
            ("Mistral-Small-3.2-24B-Instruct-2506", "[TOOL_CALLS]", false),
            ("mistralai-Mistral-Nemo-Instruct-2407", "[TOOL_CALLS]", false),
            ("LFM2.5-Instruct", "<|tool_call_start|>", true), ("google-gemma-4-31B-it", "<|tool_call>", true),
            ("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", "<｜tool▁calls▁begin｜>", true),
            ("HuggingFaceTB-SmolLM3-3B", nil, true), ("GLM-4.6", nil, true), ("Apertus-8B-Instruct", nil, true),
            ("google-gemma-2-2b-it", nil, false), ("microsoft-Phi-3.5-mini-instruct", nil, false),
        ] as [(String, String?, Bool)]
    ) func realTemplatesShowTheirStyles(_ name: String, _ trigger: String?, _ reasons: Bool) throws {
        let file = Shared.folder.appending(path: "conformance/templates/\(name).jinja")
        let style = AnswerStyle(templateSource: try String(contentsOf: file, encoding: .utf8))
        #expect(style.callForm?.trigger == trigger)
        #expect(style.supportsTools == (trigger != nil))
        #expect(style.supportsReasoning == reasons)
    }
}
