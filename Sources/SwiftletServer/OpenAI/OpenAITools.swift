package import SwiftletEngine
import SwiftletGround
package import SwiftletModels

/// OpenAI's `tools` and `tool_choice`.
package struct OpenAITools: Sendable {
    package var definitions: [ToolDefinition] = []
    package var choice = ToolChoice.auto

    /// `nested`: chat completions put a function's name and schema into a member `function`, responses do not.
    package init(_ fields: Fields, nested: Bool) throws {
        for tool in try fields.list("tools") ?? [] {
            let type = try tool.required("type", tool.string("type"))
            guard type == "function" else {
                // Agents offer OpenAI's built-in tools along with their own: a model that never calls them is right.
                if !nested { continue }
                throw RequestProblem(.choice(found: type, allowed: ["function"]), at: tool.path.key("type"))
            }
            let function = nested ? try tool.required("function", tool.fields("function")) : tool
            definitions.append(
                ToolDefinition(
                    name: try function.required("name", function.string("name")),
                    description: try function.string("description"),
                    parameters: try function.fields("parameters").map { .object($0.object) } ?? .null))
        }
        try readChoice(fields, nested: nested)
    }

    private mutating func readChoice(_ fields: Fields, nested: Bool) throws {
        let key = "tool_choice"
        guard let value = fields.value(key) else { return }
        if value.string != nil {
            switch try fields.string(key, among: ["none", "auto", "required"]) {
            case "none": choice = .none
            case "required": choice = .required
            default: choice = .auto
            }
        } else if let object = try fields.fields(key) {
            try readChoice(of: object, nested: nested)
        }
        switch choice {
        case .required where definitions.isEmpty:
            throw fields.problem(key, "'tool_choice' is only allowed when 'tools' are specified")
        case .named(let name):
            guard definitions.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw fields.problem(key, "the function that 'tool_choice' names is not among 'tools'")
            }
        default: break
        }
    }

    private mutating func readChoice(of fields: Fields, nested: Bool) throws {
        switch try fields.required("type", fields.string("type", among: ["function", "allowed_tools"])) {
        case "allowed_tools":
            let allowed = nested ? try fields.required("allowed_tools", fields.fields("allowed_tools")) : fields
            let names = try allowed.list("tools")?.map { try Self.name($0, nested: nested) } ?? []
            definitions.removeAll { tool in !names.contains { $0.utf8.elementsEqual(tool.name.utf8) } }
            choice = try allowed.string("mode", among: ["auto", "required"]) == "required" ? .required : .auto
        default: choice = .named(try Self.name(fields, nested: nested))
        }
    }

    private static func name(_ fields: Fields, nested: Bool) throws -> String {
        let function = nested ? try fields.required("function", fields.fields("function")) : fields
        return try function.required("name", function.string("name"))
    }
}
