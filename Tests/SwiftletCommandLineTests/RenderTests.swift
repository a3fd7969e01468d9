import Foundation
import SwiftletGround
import Testing

@Suite struct RenderTests {
    @Test(.enabled(if: TestData.hasShared))
    func conformanceTemplatesRenderToTheCharacter() throws {
        // Foundation's JSON loses the order of keys, which templates show.
        let all = try JSONValue(parsing: Data(contentsOf: TestData.conformance("templates/renders.json")))
        let cases = try #require(all["cases"]?.object)
        let renders = try #require(all["renders"]?.object)
        let folder = try TemporaryFolder()
        var compared = 0
        for template in renders {
            for variables in cases {
                var input = try #require(variables.value.object)
                for key in ["bos_token", "eos_token", "now"] where input[key] == nil { input[key] = all[key] }
                let file = try folder.write(input.text(), to: "input.json")
                let path = TestData.conformance("templates/\(template.key)").path(percentEncoded: false)
                let run = try CommandRun(["render", "--template", path, "--input", file])
                if let text = template.value[variables.key]?.string {
                    #expect(run.output == Data(text.utf8), "\(template.key), \(variables.key): \(run.error)")
                } else {
                    #expect(run.status == 1 && run.output.isEmpty, "\(template.key), \(variables.key)")
                }
                compared += 1
            }
        }
        #expect(compared >= 140)
    }

    @Test func aTemplateAndItsVariablesFromFiles() throws {
        let folder = try TemporaryFolder()
        let template = try folder.write(
            "{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}", to: "t.jinja")
        let input = #"{"messages": [{"role": "user", "content": "é\n"}]}"#
        #expect(try CommandRun(["render", "--template", template, "--input", "-"], input: input).text == "[user] é\n")
        let wrong = try CommandRun(["render", "--template", template, "--input", "-"], input: "[]")
        #expect(wrong.status == 1 && wrong.error.contains("JSON object"))
        let broken = try folder.write("{% for %}", to: "broken.jinja")
        #expect(try CommandRun(["render", "--template", broken, "--input", "-"], input: "{}").status == 1)
        #expect(try CommandRun(["render", "--input", "-"]).status == 2)
    }

    @Test(.enabled(if: TestData.hasModel))
    func aModelsOwnTemplate() throws {
        let input = #"{"messages": [{"role": "user", "content": "Hi"}], "add_generation_prompt": true}"#
        let run = try CommandRun(["render", "--model", try #require(TestData.model), "--input", "-"], input: input)
        #expect(run.text.hasSuffix("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"), "\(run.text)")
    }
}
