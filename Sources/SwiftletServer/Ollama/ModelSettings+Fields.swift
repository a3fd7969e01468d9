import SwiftletGround
import SwiftletLibrary
import SwiftletTemplates

extension ModelSettings {
    /// What a create request says beside its files; throws for what could not be used.
    init(createFields fields: Fields) throws {
        self.init()
        if let text = try fields.string("template"), !text.isEmpty {
            _ = try fields.template("template", text)
            template = text
        }
        system = try fields.string("system").flatMap { $0.isEmpty ? nil : $0 }
        licenses = try fields.strings("license") ?? []
        messages =
            try fields.list("messages")?.map { message in
                Message(
                    role: try message.required("role", message.string("role")),
                    content: try message.string("content") ?? "")
            } ?? []
        if let adapters = try fields.fields("adapters"), !adapters.object.isEmpty {
            throw fields.problem(
                "adapters", "are not applied while a model runs; `swiftlet merge-adapter` makes them part of it")
        }
        requires = try fields.string("requires")
        guard let given = try fields.fields("parameters") else { return }
        for member in given.object {
            guard let kind = Self.parameterKinds[member.key] else { continue }
            parameters[member.key] = try Self.checked(given, member.key, kind)
        }
    }

    private static func checked(_ fields: Fields, _ key: String, _ kind: ParameterKind) throws -> JSONValue {
        switch kind {
        case .integer: _ = try fields.integer(key)
        case .number: _ = try fields.number(key)
        case .boolean: _ = try fields.bool(key)
        case .text: _ = try fields.string(key)
        case .texts: return .array(try fields.strings(key)?.map(JSONValue.string) ?? [])
        }
        return fields.value(key) ?? .null
    }
}

extension Fields {
    /// A template in Go's form.
    func template(_ key: String, _ text: String) throws -> GoTemplate {
        do throws(TemplateError) {
            return try GoTemplate(source: text)
        } catch {
            throw problem(key, error.description)
        }
    }
}
