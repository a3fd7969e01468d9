import SwiftletGround

/// JSON as manifests keep it. Fields that are not there are empty, so that more can come.
extension ModelSettings: Codable {
    private enum Key: String, CodingKey {
        case template, system, parameters, messages, licenses, adapters, parent, requires
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        template = try fields.decodeIfPresent(String.self, forKey: .template)
        system = try fields.decodeIfPresent(String.self, forKey: .system)
        messages = try fields.decodeIfPresent([Message].self, forKey: .messages) ?? []
        licenses = try fields.decodeIfPresent([String].self, forKey: .licenses) ?? []
        adapters = try fields.decodeIfPresent([String].self, forKey: .adapters) ?? []
        parent = try fields.decodeIfPresent(String.self, forKey: .parent)
        requires = try fields.decodeIfPresent(String.self, forKey: .requires)
        let found = try fields.decodeIfPresent([String: Parameter].self, forKey: .parameters) ?? [:]
        parameters = JSONObject(
            found.sorted { ByteString($0.key) < ByteString($1.key) }.map { ($0.key, $0.value.value) })
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encodeIfPresent(template, forKey: .template)
        try fields.encodeIfPresent(system, forKey: .system)
        if !messages.isEmpty { try fields.encode(messages, forKey: .messages) }
        if !licenses.isEmpty { try fields.encode(licenses, forKey: .licenses) }
        if !adapters.isEmpty { try fields.encode(adapters, forKey: .adapters) }
        try fields.encodeIfPresent(parent, forKey: .parent)
        try fields.encodeIfPresent(requires, forKey: .requires)
        if parameters.isEmpty { return }
        let values = parameters.members.map { ($0.key, Parameter(value: $0.value)) }
        try fields.encode(Dictionary(values, uniquingKeysWith: { $1 }), forKey: .parameters)
    }

    /// A parameter's value: a scalar or a list of scalars.
    private struct Parameter: Codable {
        let value: JSONValue

        init(value: JSONValue) { self.value = value }

        init(from decoder: any Decoder) throws {
            if var list = try? decoder.unkeyedContainer() {
                var values: [JSONValue] = []
                while !list.isAtEnd { values.append(try list.decode(Parameter.self).value) }
                value = .array(values)
                return
            }
            let scalar = try decoder.singleValueContainer()
            if scalar.decodeNil() {
                value = .null
            } else if let found = try? scalar.decode(Bool.self) {
                value = .bool(found)
            } else if let found = try? scalar.decode(Int64.self) {
                value = .integer(found)
            } else if let found = try? scalar.decode(Double.self) {
                value = .number(found)
            } else {
                value = .string(try scalar.decode(String.self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            if case .array(let values) = value {
                var list = encoder.unkeyedContainer()
                for value in values { try list.encode(Parameter(value: value)) }
                return
            }
            var scalar = encoder.singleValueContainer()
            switch value {
            case .bool(let found): try scalar.encode(found)
            case .integer(let found): try scalar.encode(found)
            case .number(let found): try scalar.encode(found)
            case .string(let found): try scalar.encode(found)
            default: try scalar.encodeNil()
            }
        }
    }
}
