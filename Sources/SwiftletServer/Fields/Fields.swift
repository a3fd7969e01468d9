package import SwiftletGround

/// The members of an object in a request's body, read by type and range. Null counts as absent, as with all originals.
package struct Fields: Sendable {
    package let object: JSONObject
    package let path: FieldPath

    /// Throws if `value` is no object.
    package init(_ value: JSONValue, at path: FieldPath = FieldPath()) throws {
        guard case .object(let object) = value else {
            throw RequestProblem(.type(expected: .object, found: JSONKind(value)), at: path)
        }
        (self.object, self.path) = (object, path)
    }

    package func value(_ key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    package func has(_ key: String) -> Bool { value(key) != nil }

    package func string(_ key: String) throws -> String? {
        try read(key, .string) { $0.string }
    }

    /// `allowed` is what the text may be; empty for anything.
    package func string(_ key: String, among allowed: [String]) throws -> String? {
        guard let text = try string(key) else { return nil }
        guard allowed.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else {
            throw RequestProblem(.choice(found: text, allowed: allowed), at: path.key(key))
        }
        return text
    }

    package func bool(_ key: String) throws -> Bool? { try read(key, .bool) { $0.bool } }

    package func integer(_ key: String, in range: ClosedRange<Int>? = nil) throws -> Int? {
        guard let number = try read(key, .integer, { $0.integer }) else { return nil }
        try check(number, range, at: key, isInteger: true) { String($0) }
        return number
    }

    package func number(_ key: String, in range: ClosedRange<Double>? = nil) throws -> Double? {
        guard let number = try read(key, .number, { $0.number }) else { return nil }
        try check(number, range, at: key, isInteger: false) { JSONValue.number($0).text() }
        return number
    }

    package func float(_ key: String, in range: ClosedRange<Double>? = nil) throws -> Float? {
        try number(key, in: range).map(Float.init)
    }

    package func array(_ key: String) throws -> [JSONValue]? { try read(key, .array) { $0.array } }

    package func fields(_ key: String) throws -> Fields? {
        guard let value = value(key) else { return nil }
        return try Fields(value, at: path.key(key))
    }

    /// The objects of an array.
    package func list(_ key: String) throws -> [Fields]? {
        guard let values = try array(key) else { return nil }
        var list: [Fields] = []
        for (index, value) in values.enumerated() { list.append(try Fields(value, at: path.key(key).index(index))) }
        return list
    }

    /// A text or a list of texts.
    package func strings(_ key: String) throws -> [String]? {
        guard let value = value(key) else { return nil }
        if let text = value.string { return [text] }
        guard let values = value.array else {
            throw RequestProblem(.type(expected: .array, found: JSONKind(value)), at: path.key(key))
        }
        var texts: [String] = []
        for (index, value) in values.enumerated() {
            guard let text = value.string else {
                throw RequestProblem(.type(expected: .string, found: JSONKind(value)), at: path.key(key).index(index))
            }
            texts.append(text)
        }
        return texts
    }

    /// What the first of several names that is there has; the others are read, too, so that nonsense is told.
    package func first<Value>(of keys: [String], _ read: (String) throws -> Value?) throws -> Value? {
        try keys.compactMap(read).first
    }

    /// The value that must be there.
    package func required<Value>(_ key: String, _ value: Value?) throws -> Value {
        guard let value else { throw RequestProblem(.missing, at: path.key(key)) }
        return value
    }

    /// Something else that is wrong with a member; a sentence without its full stop.
    package func problem(_ key: String, _ text: String) -> RequestProblem {
        RequestProblem(.other(text), at: path.key(key))
    }

    private func read<Value>(
        _ key: String, _ expected: JSONKind, _ convert: (JSONValue) -> Value?
    ) throws -> Value? {
        guard let value = value(key) else { return nil }
        guard let converted = convert(value) else {
            throw RequestProblem(.type(expected: expected, found: JSONKind(value)), at: path.key(key))
        }
        return converted
    }

    private func check<Number: Comparable>(
        _ number: Number, _ range: ClosedRange<Number>?, at key: String, isInteger: Bool, text: (Number) -> String
    ) throws {
        guard let range else { return }
        if number < range.lowerBound {
            throw RequestProblem(
                .below(limit: text(range.lowerBound), found: text(number), isInteger: isInteger), at: path.key(key))
        }
        if number > range.upperBound {
            throw RequestProblem(
                .above(limit: text(range.upperBound), found: text(number), isInteger: isInteger), at: path.key(key))
        }
    }
}
