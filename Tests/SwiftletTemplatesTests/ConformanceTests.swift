import Foundation
import SwiftletGround
import SwiftletTemplates
import Testing

/// Templates of real models, rendered by Jinja2 as Hugging Face sets it up: `../shared/conformance/templates`.
@Suite(.enabled(if: Shared.isPresent("conformance/templates/renders.json"))) struct ConformanceTests {
    @Test func realTemplatesRenderAsInJinja2() throws {
        let folder = Shared.folder.appending(path: "conformance/templates")
        let data = try JSONValue(parsing: Data(contentsOf: folder.appending(path: "renders.json")))
        let cases = try #require(data["cases"]?.object)
        let renders = try #require(data["renders"]?.object)
        var checked = 0
        for (file, expected) in renders.members.map({ ($0.key, $0.value) }) {
            let source = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            let template = try ChatTemplate(source: source)
            #expect(template.reads(variable: "messages"))
            for (name, variables) in cases.members.map({ ($0.key, $0.value) }) {
                var input = try #require(variables.object)
                for key in ["bos_token", "eos_token", "now"] { input[key] = data[key] }
                checked += 1
                if let text = expected[name]?.string {
                    let rendered = try template.render(input: input)
                    #expect(Array(rendered.utf8) == Array(text.utf8), "\(file) \(name)")
                } else {
                    let error = #expect(throws: TemplateError.self) { try template.render(input: input) }
                    #expect(error?.code == .raised, "\(file) \(name)")
                    // The message is one that stands in the template.
                    #expect(error.map { source.contains($0.problem) } == true, "\(file) \(name)")
                }
            }
        }
        #expect(checked == 140)
    }
}

/// The folder of data that lies beside the repository.
enum Shared {
    static var folder: URL {
        if let path = ProcessInfo.processInfo.environment["SWIFTLET_SHARED"] { return URL(filePath: path) }
        return URL(filePath: #filePath).appending(path: "../../../../shared").standardizedFileURL
    }

    static func isPresent(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: path).path)
    }
}
