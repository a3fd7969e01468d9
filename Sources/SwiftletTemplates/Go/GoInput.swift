import SwiftletGround

/// Messages and tools as Ollama shows them to templates.
enum GoInput {
    /// A message, from Ollama's or OpenAI's form.
    static func message(_ message: JSONValue) -> GoValue {
        let calls = (message["tool_calls"]?.array ?? []).enumerated().map { index, call in
            let function = call["function"] ?? call
            return GoValue.object(
                GoObject(fields: [
                    ("ID", .string(call["id"]?.string ?? "")),
                    (
                        "Function",
                        .object(
                            GoObject(fields: [
                                ("Index", .int(function["index"]?.integer ?? index)),
                                ("Name", .string(function["name"]?.string ?? "")),
                                ("Arguments", arguments(function["arguments"])),
                            ]))
                    ),
                ]))
        }
        return .object(
            GoObject(fields: [
                ("Role", .string(message["role"]?.string ?? "")),
                ("Content", .string(content(message))),
                ("Thinking", .string((message["thinking"] ?? message["reasoning_content"])?.string ?? "")),
                ("Images", .list([])),
                ("ToolCalls", .list(calls[...])),
                ("ToolName", .string((message["tool_name"] ?? message["name"])?.string ?? "")),
                ("ToolCallID", .string(message["tool_call_id"]?.string ?? "")),
            ]))
    }

    /// A message's text; of several parts, those that are text.
    static func content(_ message: JSONValue) -> String {
        switch message["content"] {
        case .string(let text): text
        case .array(let parts): parts.compactMap { $0["text"]?.string ?? $0.string }.joined()
        default: ""
        }
    }

    private static func arguments(_ value: JSONValue?) -> GoValue {
        var value = value ?? .object([:])
        if case .string(let text) = value { value = (try? JSONValue(parsing: text)) ?? .object([:]) }
        return map(value.object ?? [:])
    }

    private static func map(_ object: JSONObject) -> GoValue {
        .map(
            GoMap(
                object.members.map { ($0.key, any($0.value)) },
                printing: .json(JSONValue.object(object).sorted)))
    }

    /// A value of Go's `any` after reading JSON: numbers are floating-point.
    private static func any(_ value: JSONValue) -> GoValue {
        switch value {
        case .null: .none
        case .bool(let value): .bool(value)
        case .integer(let value): .float(Double(value))
        case .number(let value): .float(value)
        case .string(let text): .string(text)
        case .array(let values): .list(values.map { any($0) }[...])
        case .object(let object): .map(GoMap(object.members.map { ($0.key, any($0.value)) }))
        }
    }

    /// All tools, each as OpenAI's API writes it; members that Ollama does not know follow those that it knows.
    static func tools(_ tools: [JSONValue]) -> GoValue {
        if tools.isEmpty { return .list([], .json(.null)) }
        let values = tools.map(tool)
        return .list(values[...], .json(.array(values.map(\.json))))
    }

    private static func tool(_ tool: JSONValue) -> GoValue {
        let function = tool["function"] ?? tool
        let parameters = function["parameters"]?.object ?? [:]
        let properties = (parameters["properties"]?.object ?? [:]).members
            .sorted { ByteString($0.key) < ByteString($1.key) }.map { ($0.key, property($0.value)) }
        let propertiesJSON = JSONValue.object(JSONObject(properties.map { ($0.0, $0.1.json) }))
        var parametersJSON = JSONObject([("type", parameters["type"] ?? "object")])
        for key in ["$defs", "items", "required"] { parametersJSON[key] = parameters[key]?.sorted }
        parametersJSON["properties"] = propertiesJSON
        add(parameters, to: &parametersJSON)
        let name = function["name"]?.string ?? ""
        let description = function["description"]?.string ?? ""
        let functionJSON: JSONObject = [
            "name": .string(name), "description": .string(description), "parameters": .object(parametersJSON),
        ]
        let type = tool["type"]?.string ?? "function"
        var json: JSONObject = ["type": .string(type)]
        json["items"] = tool["items"]?.sorted
        json["function"] = .object(functionJSON)
        let parametersValue = GoObject(
            fields: [
                ("Type", .string(parameters["type"]?.string ?? "object")),
                ("Defs", parameters["$defs"].map { any($0) } ?? .none),
                ("Items", parameters["items"].map { any($0) } ?? .none),
                ("Required", strings(parameters["required"])),
                ("Properties", .map(GoMap(properties, printing: .json(propertiesJSON)))),
            ], json: .object(parametersJSON))
        let functionValue = GoObject(
            fields: [
                ("Name", .string(name)), ("Description", .string(description)),
                ("Parameters", .object(parametersValue)),
            ], json: .object(functionJSON))
        return .object(
            GoObject(
                fields: [
                    ("Type", .string(type)), ("Items", tool["items"].map { any($0) } ?? .none),
                    ("Function", .object(functionValue)),
                ], json: .object(json)))
    }

    /// A parameter's schema.
    private static func property(_ schema: JSONValue) -> GoValue {
        let object = schema.object ?? [:]
        var json = JSONObject()
        for key in ["anyOf", "type", "items", "description", "enum", "properties", "required"] {
            json[key] = object[key]
        }
        add(object, to: &json)
        let types =
            switch object["type"] {
            case .string(let type): [type]
            case .array(let types): types.compactMap(\.string)
            default: [String]()
            }
        let nested = (object["properties"]?.object ?? [:]).members.map { ($0.key, property($0.value)) }
        return .object(
            GoObject(
                fields: [
                    ("AnyOf", .list((object["anyOf"]?.array ?? []).map(property)[...])),
                    (
                        "Type",
                        .list(
                            types.map { .string($0) }[...],
                            .text(
                                types.count == 1 ? types[0] : types.isEmpty ? "" : "[\(types.joined(separator: " "))]"))
                    ),
                    ("Items", object["items"].map { any($0) } ?? .none),
                    ("Description", .string(object["description"]?.string ?? "")),
                    ("Enum", .list((object["enum"]?.array ?? []).map { any($0) }[...])),
                    ("Properties", .map(GoMap(nested, printing: .json(object["properties"] ?? .object([:]))))),
                    ("Required", strings(object["required"])),
                ], json: .object(json)))
    }

    private static func strings(_ value: JSONValue?) -> GoValue {
        .list((value?.array ?? []).compactMap(\.string).map { .string($0) }[...])
    }

    private static func add(_ object: JSONObject, to json: inout JSONObject) {
        for member in object.members where json[member.key] == nil { json[member.key] = member.value }
    }
}
