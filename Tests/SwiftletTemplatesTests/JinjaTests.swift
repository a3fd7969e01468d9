import Foundation
import SwiftletGround
import SwiftletTemplates
import Testing

/// Small templates over all features, with what Jinja2 itself renders (Tests/Fixtures/templates/make.py).
@Suite struct JinjaTests {
    @Test func rendersAndRefusesAsJinja2() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/templates/jinja2.json")
        let data = try JSONValue(parsing: Data(contentsOf: file))
        var input = try #require(data["variables"]?.object)
        input["now"] = data["now"]
        let cases = try #require(data["cases"]?.array)
        #expect(cases.count > 250)
        for entry in cases {
            let source = try #require(entry[0]?.string)
            let rendered = Result { try ChatTemplate(source: source).render(input: input) }
            if let expected = entry[1]?.string {
                #expect(throws: Never.self, "\(source)") { try rendered.get() }
                #expect((try? rendered.get()).map { Array($0.utf8) } == Array(expected.utf8), "\(source)")
            } else {
                let error = #expect(throws: TemplateError.self, "\(source)") { try rendered.get() }
                #expect(error?.place?.hasPrefix("line ") == true, "\(source)")
            }
        }
    }

    @Test func errorsNameThePlaceAndKeepTheTextOut() throws {
        let failing = try ChatTemplate(source: "a\n  {{ messages[0].content + 1 }}")
        let variables: JSONObject = ["messages": [["content": "a secret"]]]
        let error = #expect(throws: TemplateError.self) { try failing.render(variables) }
        #expect(error?.place == "line 2, column 26")
        #expect(error?.description.contains("secret") == false)
        let broken = #expect(throws: TemplateError.self) { try ChatTemplate(source: "x\ny {% if %}") }
        #expect(broken?.code == .syntax)
        #expect(broken?.place == "line 2, column 9")
        let raising = try ChatTemplate(source: "{{ raise_exception('Roles must alternate: ' ~ 1) }}")
        let raised = #expect(throws: TemplateError.self) { try raising.render([:]) }
        #expect(raised?.code == .raised)
        #expect(raised?.problem == "Roles must alternate: 1")
    }

    @Test func tellsWhatTheTemplateReads() throws {
        let template = try ChatTemplate(
            source: """
                {% if tools is not defined %}{% set tools = none %}{% endif %}{% set own = 1 %}{{ own }}{{ bos_token }}
                {% macro show(x, y=enable_thinking) %}{{ x }}{{ caller() }}{{ raise_exception('a') }}{% endmacro %}
                {% for message in messages %}{{ loop.index }}{{ message['tool_calls'] }}{{ message.content }}{% endfor %}
                {{ message }}
                """)
        #expect(template.variables == ["bos_token", "enable_thinking", "message", "messages", "tools"])
        #expect(template.reads(variable: "tools"))
        #expect(!template.reads(variable: "own"))
        #expect(template.reads(attribute: "tool_calls"))
        #expect(template.reads(attribute: "content"))
        #expect(!template.reads(attribute: "reasoning_content"))
    }

    @Test func aTimeIsReadAndRefused() throws {
        let template = try ChatTemplate(source: "{{ strftime_now('%F %T %z %Z') }}")
        #expect(
            try template.render(input: ["now": "2024-02-29T23:59:58+01:30"]) == "2024-02-29 23:59:58 +0130 UTC+01:30")
        #expect(try template.render(input: ["now": "2024-02-29"]) == "2024-02-29 00:00:00  ")
        for text in ["", "now", "2023-02-29", "2024-13-01", "2024-02-29T24:00", "2024-02-29T10:00:00x"] {
            #expect(throws: TemplateError.self) { try template.render(input: ["now": .string(text)]) }
        }
        #expect(try template.render([:]).hasPrefix("20"))
    }

    @Test func longConversationsAreRendered() throws {
        let template = try ChatTemplate(
            source: """
                {%- set ns = namespace(count=0) -%}
                {% for m in messages %}{% set ns.count = ns.count + 1 %}<|{{ m.role }}|>
                {{ m.content | trim }}{{ eos_token }}
                {% endfor %}{{ ns.count }}
                """)
        let text = String(repeating: "word ", count: 200)
        let messages = (0..<2000).map {
            JSONValue.object(["role": $0 % 2 == 0 ? "user" : "assistant", "content": .string(text)])
        }
        let rendered = try template.render(["messages": .array(messages), "eos_token": "</s>"])
        #expect(rendered.hasSuffix("</s>\n2000"))
        #expect(rendered.utf8.count > 2_000_000)
    }
}
