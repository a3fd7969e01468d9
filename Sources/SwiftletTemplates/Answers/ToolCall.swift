import SwiftletGround

/// A call that has been read whole: a known tool and one JSON object.
struct ToolCall {
    let name: String
    let arguments: JSONObject
}

/// The tools that an answer may call.
struct KnownTools: Sendable {
    private var names: Set<ByteString> = []
    /// Parameters that are strings by the tool's schema, by tool.
    private var strings: [ByteString: Set<ByteString>] = [:]

    init(names: [String]) {
        self.names = Set(names.map(ByteString.init))
    }

    /// Reads tools as OpenAI's API writes them, `{"type": "function", "function": {…}}`, or the functions alone.
    init(definitions: [JSONValue]) {
        for definition in definitions {
            let function = definition["function"] ?? definition
            guard let name = function["name"]?.string else { continue }
            names.insert(ByteString(name))
            let parameters = function["parameters"] ?? function["input_schema"]
            for (key, schema) in (parameters?["properties"]?.object?.members ?? []).map({ ($0.key, $0.value) })
            where schema["type"]?.string == "string" {
                strings[ByteString(name), default: []].insert(ByteString(key))
            }
        }
    }

    var isEmpty: Bool { names.isEmpty }

    func contains(_ name: String) -> Bool { names.contains(ByteString(name)) }

    /// The value of a parameter that was written as bare text: a string if the schema says so, else JSON if it is some.
    func value(of text: String, parameter: String, tool: String) -> JSONValue {
        if strings[ByteString(tool)]?.contains(ByteString(parameter)) == true { return .string(text) }
        return (try? JSONValue(parsing: text)) ?? .string(text)
    }

    /// A call from its JSON: `name` and `arguments`, as models write them; nil if it is none, or not of a known tool.
    func call(from value: JSONValue, needsArguments: Bool = false) -> ToolCall? {
        guard let object = value.object else { return nil }
        let function = object["function"]?.object ?? object
        guard let name = (function["name"] ?? object["function"])?.string, contains(name) else { return nil }
        switch function["arguments"] ?? function["parameters"] {
        case .object(let arguments): return ToolCall(name: name, arguments: arguments)
        // Some models write the arguments as OpenAI's API does, as JSON inside a string.
        case .string(let text):
            guard case .object(let arguments)? = try? JSONValue(parsing: text) else { return nil }
            return ToolCall(name: name, arguments: arguments)
        case nil, .null: return needsArguments ? nil : ToolCall(name: name, arguments: [:])
        default: return nil
        }
    }

    /// One call or a list of calls.
    func calls(from value: JSONValue, needsArguments: Bool = false) -> [ToolCall]? {
        guard case .array(let values) = value else {
            return call(from: value, needsArguments: needsArguments).map { [$0] }
        }
        let calls = values.compactMap { call(from: $0, needsArguments: needsArguments) }
        return calls.isEmpty || calls.count < values.count ? nil : calls
    }
}
