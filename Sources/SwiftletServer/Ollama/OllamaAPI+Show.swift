import Hummingbird
import SwiftletEngine
import SwiftletGround
import SwiftletLibrary
import SwiftletModelFiles
import SwiftletModels
import SwiftletTemplates

extension OllamaAPI {
    /// POST /api/show: what a model is and how it is used; opens its file and loads nothing.
    static func show(_ call: Call) async throws -> Response {
        let fields = try await call.fields()
        let isVerbose = try fields.bool("verbose") ?? false
        let model = try call.resolve(named: modelName(fields))
        let file = try GGUFFile(model.url)
        let settings = model.settings
        let template = try settings.template ?? file.metadata.string(ifPresent: "tokenizer.chat_template")
        let modelfile = Modelfile.shown(name: model.name.description, from: model.name.description, settings: settings)
        var object = JSONObject([
            ("modelfile", .string(modelfile)), ("template", .string(template ?? "")),
            ("details", details(of: model.manifest)), ("model_info", .object(information(of: file, isVerbose))),
            ("capabilities", .array(capabilities(of: file, template).map(JSONValue.string))),
            ("modified_at", .string(Timestamp.text(model.manifest.pulled))),
        ])
        let licenses = settings.licenses.isEmpty ? [model.manifest.license].compactMap { $0 } : settings.licenses
        if !licenses.isEmpty { object["license"] = .string(licenses.joined(separator: "\n")) }
        if let system = settings.system { object["system"] = .string(system) }
        if !settings.parameters.isEmpty { object["parameters"] = .string(lines(of: settings.parameters)) }
        if !settings.messages.isEmpty {
            object["messages"] = .array(
                settings.messages.map { ["role": .string($0.role), "content": .string($0.content)] })
        }
        if isVerbose { object["tensors"] = .array(file.tensors.map(description)) }
        return .json(.object(object))
    }

    /// Parameters as Ollama lists them: a name and a value a line, texts in quotes.
    private static func lines(of parameters: JSONObject) -> String {
        parameters.flatMap { member in
            (member.value.array ?? [member.value]).map { value in
                member.key + String(repeating: " ", count: max(1, 31 - member.key.utf8.count)) + value.text()
            }
        }
        .joined(separator: "\n")
    }

    private static func information(of file: GGUFFile, _ isVerbose: Bool) -> JSONObject {
        var object = JSONObject()
        for entry in file.metadata.entries where !entry.key.utf8.elementsEqual("tokenizer.chat_template".utf8) {
            object[entry.key] = entry.value.json(listing: isVerbose)
        }
        object["general.parameter_count"] = .integer(
            file.tensors.reduce(0) { $0 &+ $1.dimensions.reduce(1) { $0 &* Int64($1) } })
        return object
    }

    private static func capabilities(of file: GGUFFile, _ template: String?) -> [String] {
        if EncoderModel.fits(file) { return ["embedding"] }
        var capabilities = ["completion"]
        if let template {
            // A template that knows no tools is told of them in words.
            capabilities.append("tools")
            if AnswerStyle(templateSource: template).supportsReasoning { capabilities.append("thinking") }
        }
        let known = ["tokenizer.ggml.fim_pre_token_id", "tokenizer.ggml.prefix_token_id"]
        if known.contains(where: { file.metadata[$0] != nil }) { capabilities.append("insert") }
        return capabilities
    }

    private static func description(_ tensor: GGUFTensor) -> JSONValue {
        [
            "name": .string(tensor.name), "type": .string("\(tensor.type)".uppercased()),
            "shape": .array(tensor.dimensions.map { .integer(Int64($0)) }),
        ]
    }
}

extension GGUFValue {
    /// Arrays are null unless they are to be listed, as with Ollama: a vocabulary has megabytes.
    fileprivate func json(listing: Bool) -> JSONValue {
        switch self {
        case .string(let string): .string(String(decoding: string.bytes, as: UTF8.self))
        case .bool(let value): .bool(value)
        case .float32(let value): .number(Double(value.description) ?? Double(value))
        case .float64(let value): .number(value)
        case .array(let array): listing ? array.json : .null
        default: integer.map { Int64(exactly: $0).map(JSONValue.integer) ?? .number(Double($0)) } ?? .null
        }
    }
}

extension GGUFArray {
    fileprivate var json: JSONValue {
        switch elementType {
        case .string:
            var texts: [JSONValue] = []
            try? forEachUnsafeString { _, bytes in texts.append(.string(String(decoding: bytes, as: UTF8.self))) }
            return .array(texts)
        case .array: return .array(arrays.map(\.json))
        case .bool: return .array(((try? bools()) ?? []).map(JSONValue.bool))
        case .float32, .float64:
            return .array(((try? floats()) ?? []).map { .number(Double($0.description) ?? Double($0)) })
        default: return .array(((try? integers(as: Int64.self)) ?? []).map(JSONValue.integer))
        }
    }
}
