import SwiftletGround

extension Interpreter {
    /// `tojson` as Hugging Face replaces it: Python's `json.dumps` without ASCII escapes and without HTML escapes.
    func json(_ value: TemplateValue, style: JSONStyle) throws(TemplateError) -> String {
        let json = try json(value, level: 0, indent: max(0, style.indent ?? 0))
        let text = json.text(style)
        try charge(bytes: text.utf8.count)
        return text
    }

    private func json(_ value: TemplateValue, level: Int, indent: Int) throws(TemplateError) -> JSONValue {
        // Shared parts are written as often as they occur, so they are counted as often.
        try charge(bytes: 32)
        try charge(steps: 1)
        if indent > 0 { try charge(bytes: min(indent, Int(Int32.max)) * (level + 1)) }
        switch value {
        case .null: return .null
        case .boolean(let flag): return .bool(flag)
        case .integer(let value): return .integer(Int64(value))
        case .float(let value): return .number(value)
        case .string(let text):
            try charge(bytes: text.utf8.count)
            return .string(text)
        case .list(let list), .tuple(let list):
            var values: [JSONValue] = []
            for element in list.elements { values.append(try json(element, level: level + 1, indent: indent)) }
            return .array(values)
        case .dictionary(let dictionary):
            var object = JSONObject()
            for entry in dictionary.entries {
                object[try jsonKey(entry.key)] = try json(entry.value, level: level + 1, indent: indent)
            }
            return .object(object)
        default: throw failure(.type, "a value of type '\(value.typeName)' cannot be written as JSON")
        }
    }

    private func jsonKey(_ key: TemplateValue) throws(TemplateError) -> String {
        switch key {
        case .string(let text):
            try charge(bytes: text.utf8.count)
            return text
        case .null: return "null"
        case .boolean(let flag): return flag ? "true" : "false"
        case .integer(let value): return value.description
        case .float(let value): return value.pythonText
        default: throw failure(.type, "keys of JSON are strings, not '\(key.typeName)'")
        }
    }
}
