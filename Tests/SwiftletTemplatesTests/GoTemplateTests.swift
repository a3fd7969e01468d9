import Foundation
import SwiftletGround
import SwiftletTemplates
import Testing

@Suite struct GoTemplateTests {
    /// Ollama's templates give the prompts that its own tests expect.
    @Test func templatesOfTheLibraryRenderAsInOllama() throws {
        let data = try Self.fixture("go-ollama")
        let talk: [JSONValue] = [
            ["role": "system", "content": "You are a helpful assistant."],
            ["role": "user", "content": "Hello, how are you?"],
            ["role": "assistant", "content": "I'm doing great. How can I help you today?"],
            ["role": "user", "content": "I'd like to show off how chat templating works!"],
        ]
        let cases: [String: [JSONValue]] = [
            "user": Array(talk[1...1]), "user-assistant-user": Array(talk[1...]), "system-user-assistant-user": talk,
        ]
        var checked = 0
        for (name, source) in try #require(data["templates"]?.object).members.map({ ($0.key, $0.value.string ?? "") }) {
            let template = try GoTemplate(source: source)
            for (conversation, messages) in cases {
                let expected = try #require(data["renders"]?[name]?[conversation]?.string)
                var prompt = try template.render(messages: messages)
                // Some of Ollama's expectations were written without the space at the end.
                if prompt.hasSuffix(" "), !expected.hasSuffix(" ") { prompt.removeLast() }
                #expect(Array(prompt.utf8) == Array(expected.utf8), "\(name) \(conversation)")
                checked += 1
            }
        }
        #expect(checked == 60)
    }

    /// A format of many wide fields would take gigabytes before anybody counted them.
    @Test func widthsAreBounded() throws {
        let fields = String(repeating: "%1000000d", count: 5000)
        let template = try GoTemplate(source: "{{ printf \"\(fields)\"\(String(repeating: " 1", count: 5000)) }}")
        #expect(#expect(throws: TemplateError.self) { try template.render(messages: []) }?.code == .limit)
    }

    /// The language, case by case, beside Go's text/template and Ollama's data.
    @Test func languageIsGos() throws {
        let fixture = try Self.fixture("go-language")
        var checked = 0
        for example in try #require(fixture["cases"]?.array) {
            let source = try #require(example["template"]?.string)
            let data = try #require(fixture["data"]?[example["data"]?.string ?? ""])
            if let expected = example["text"]?.string {
                let text = (try? Self.render(source, data)) ?? "an error"
                #expect(Array(text.utf8) == Array(expected.utf8), "\(source)\n\(text)\n\(expected)")
            } else {
                #expect(throws: TemplateError.self, "\(source)") { try Self.render(source, data) }
            }
            checked += 1
        }
        #expect(checked == 145)
    }

    private static func render(_ source: String, _ data: JSONValue) throws(TemplateError) -> String {
        let template = try GoTemplate(source: source)
        let (think, level) = (data["think"]?.bool, data["thinkLevel"]?.string ?? "")
        if let prompt = data["prompt"]?.string, let suffix = data["suffix"]?.string {
            return try template.render(prompt: prompt, suffix: suffix, think: think, thinkLevel: level)
        }
        return try template.render(
            messages: data["messages"]?.array ?? [], tools: data["tools"]?.array ?? [], think: think, thinkLevel: level)
    }

    /// Published templates write tools as `{{ .Function }}` and mean JSON, as Ollama printed until lately.
    @Test func functionsPrintAsJSON() throws {
        let tool: JSONValue = [
            "function": ["name": "f", "parameters": ["properties": ["b": ["format": "date"], "a": [:]]]]
        ]
        let template = try GoTemplate(
            source: "{{ range .Messages }}{{ end }}{{ range .Tools }}{{ .Function }}{{ end }}")
        let expected =
            #"{"name":"f","description":"","parameters":{"type":"object","properties":{"a":{},"b":{"format":"date"}}}}"#
        #expect(try template.render(messages: [], tools: [tool]) == expected)
    }

    @Test func errorsSayWhere() {
        func place(_ source: String) -> String? {
            do {
                _ = try GoTemplate(source: source).render(messages: [["role": "user", "content": "secret"]])
            } catch {
                #expect(!error.description.contains("secret"))
                return error.place
            }
            return nil
        }
        #expect(place("a\nü{{ foo }}") == "line 2, column 5")
        #expect(place("{{ if 1 }}\n") == "line 1, column 6")
        #expect(place("{{ range .Messages }}\n\n {{ .Nope }}{{ end }}") == "line 3, column 5")
        #expect(place("{{ .Prompt") == "line 1, column 11")
        #expect(place("a {{") == "line 1, column 5")
    }

    @Test func datesAreOfTheClock() throws {
        let template = try GoTemplate(
            source: "{{ currentDate }} {{ yesterdayDate \"x\" }}{{ range .Messages }}{{ end }}")
        #expect(
            try template.render(messages: [], now: TemplateTime(year: 2024, month: 3, day: 1))
                == "2024-03-01 2024-02-29")
        #expect(
            try template.render(messages: [], now: TemplateTime(year: 2026, month: 1, day: 1))
                == "2026-01-01 2025-12-31")
    }

    @Test func templatesTellWhatTheyRead() throws {
        let template = try GoTemplate(source: "{{ if .Tools }}{{ end }}{{ (index .Messages 0).Thinking }}")
        #expect(template.reads("tools") && template.reads("messages") && template.reads("Thinking"))
        #expect(!template.reads("suffix"))
    }

    /// Calls and messages in OpenAI's form: arguments as a text, contents in parts.
    @Test func messagesMayBeInOpenAIsForm() throws {
        let template = try GoTemplate(
            source:
                "{{ range .Messages }}{{ .Content }}{{ range .ToolCalls }}{{ .ID }}{{ .Function.Arguments }}{{ end }}{{ end }}"
        )
        let messages: [JSONValue] = [
            ["role": "user", "content": [["type": "text", "text": "a"], ["type": "text", "text": "b"]]],
            [
                "role": "assistant", "content": nil,
                "tool_calls": [
                    ["id": "1", "function": ["name": "f", "arguments": "{\"b\": 1, \"a\": 12345678901234567}"]]
                ],
            ],
        ]
        #expect(try template.render(messages: messages) == "ab1{\"a\":12345678901234567,\"b\":1}")
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "{{ range 100000000 }}{{ end }}", "{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}",
            "{{ define \"x\" }}{{ template \"x\" . }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}",
            "{{ $x := \"aaaaaaaaaaaaaaaa\" }}{{ range 64 }}{{ $x = print $x $x }}{{ end }}",
            "{{ range 10000 }}{{ printf \"%999999d\" 1 }}{{ end }}",
            String(repeating: "{{ if 1 }}", count: 5000), "{{ " + String(repeating: "(", count: 5000),
            "{{ .System" + String(repeating: " | len", count: 10_000),
        ]) func hungryTemplatesAreRefused(_ source: String)
    {
        let error = #expect(throws: TemplateError.self) {
            try GoTemplate(source: source).render(messages: [["role": "user", "content": "x"]])
        }
        #expect([.limit, .syntax].contains(error?.code))
    }

    /// No bytes trap: well-formed templates, mutated.
    @Test(arguments: 0..<4) func mutatedTemplatesEndWithTextOrError(_ seed: Int) throws {
        var random = Random(state: UInt64(seed) &+ 77)
        let fixture = try Self.fixture("go-language")
        let sources = try #require(fixture["cases"]?.array).compactMap { $0["template"]?.string }
        let data = try #require(fixture["data"]?["tools"])
        var limits = TemplateLimits()
        limits.steps = 20_000
        limits.madeBytes = 1 << 20
        var rendered = 0
        for _ in 0..<1500 {
            var bytes = Array(sources[random.below(sources.count)].utf8)
            for _ in 0..<1 + random.below(3) {
                let place = random.below(bytes.count + 1)
                switch random.below(3) {
                case 0: bytes.insert(Array("{}().$|\"`-/* \n0=:,".utf8)[random.below(18)], at: place)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + random.below(5)))
                default:
                    let other = Array(sources[random.below(sources.count)].utf8)
                    bytes.insert(contentsOf: other.prefix(random.below(other.count)), at: place)
                }
            }
            let source = String(decoding: bytes, as: UTF8.self)
            guard let template = try? GoTemplate(source: source) else { continue }
            if let text = try? template.render(
                messages: data["messages"]?.array ?? [], tools: data["tools"]?.array ?? [], limits: limits),
                !text.isEmpty
            {
                rendered += 1
            }
        }
        #expect(rendered > 100)
    }

    private static func fixture(_ name: String) throws -> JSONValue {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/templates/\(name).json").standardizedFileURL
        return try JSONValue(parsing: Data(contentsOf: file))
    }
}
