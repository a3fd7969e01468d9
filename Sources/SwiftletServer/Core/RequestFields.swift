import SwiftletGround

/// A JSON object of a request, read field by field. A field that is missing or null is nil; one of the wrong type throws
/// `ServerError.Code.invalid` with its path; unknown ones are nobody's business.
struct RequestFields: Sendable {
    let object: JSONObject
    /// `options`, `messages[2]`: where the object lies in the request; empty for the request itself.
    let path: String

    init(_ object: JSONObject, path: String = "") { (self.object, self.path) = (object, path) }

    init(_ value: JSONValue, path: String) throws(ServerError) {
        guard let object = value.object else { throw Self.wrong(path, "an object", value) }
        self.init(object, path: path)
    }

    func has(_ key: String) -> Bool { value(key) != nil }

    func value(_ key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    func string(_ key: String) throws(ServerError) -> String? { try read(key, "a string", \.string) }
    func bool(_ key: String) throws(ServerError) -> Bool? { try read(key, "true or false", \.bool) }
    func integer(_ key: String) throws(ServerError) -> Int? { try read(key, "an integer", \.integer) }
    func float(_ key: String) throws(ServerError) -> Float? { try read(key, "a number", \.number).map { Float($0) } }
    func array(_ key: String) throws(ServerError) -> [JSONValue]? { try read(key, "an array", \.array) }

    /// An integer of a range.
    func integer(_ key: String, in range: ClosedRange<Int>) throws(ServerError) -> Int? {
        guard let value = try integer(key) else { return nil }
        guard range.contains(value) else {
            throw invalid(key, "must be from \(range.lowerBound) to \(range.upperBound), but is \(value)")
        }
        return value
    }

    /// An object below this one.
    func fields(_ key: String) throws(ServerError) -> RequestFields? {
        guard let value = value(key) else { return nil }
        return try RequestFields(value, path: place(key))
    }

    /// An array of objects.
    func list(_ key: String) throws(ServerError) -> [RequestFields]? {
        guard let values = try array(key) else { return nil }
        var list: [RequestFields] = []
        list.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            list.append(try RequestFields(value, path: "\(place(key))[\(index)]"))
        }
        return list
    }

    /// An array of strings.
    func strings(_ key: String) throws(ServerError) -> [String]? {
        guard let values = try array(key) else { return nil }
        var texts: [String] = []
        texts.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            guard let text = value.string else { throw Self.wrong("\(place(key))[\(index)]", "a string", value) }
            texts.append(text)
        }
        return texts
    }

    /// A string, or an array of them: what OpenAI's `stop` and everyone's `input` may be.
    func stringOrStrings(_ key: String) throws(ServerError) -> [String]? {
        if let text = value(key)?.string { return [text] }
        guard let value = value(key) else { return nil }
        guard case .array = value else { throw Self.wrong(place(key), "a string or an array of strings", value) }
        return try strings(key)
    }

    /// A field that must be there.
    func required<Value>(_ key: String, _ value: Value?) throws(ServerError) -> Value {
        guard let value else { throw invalid(key, "is required") }
        return value
    }

    /// An error about a field: `problem` follows its name.
    func invalid(_ key: String, _ problem: String) -> ServerError {
        ServerError(.invalid, problem, at: place(key))
    }

    func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func read<Value>(
        _ key: String, _ kind: String, _ get: KeyPath<JSONValue, Value?>
    ) throws(ServerError) -> Value? {
        guard let value = value(key) else { return nil }
        guard let read = value[keyPath: get] else { throw Self.wrong(place(key), kind, value) }
        return read
    }

    private static func wrong(_ place: String, _ kind: String, _ value: JSONValue) -> ServerError {
        ServerError(.invalid, "must be \(kind), not \(value.kind)", at: place)
    }
}

extension JSONValue {
    /// What the value is, for people.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
