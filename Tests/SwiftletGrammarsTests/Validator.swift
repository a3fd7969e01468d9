import Foundation
import SwiftletGround

/// JSON Schema's definition of valid values, keyword by keyword, with Foundation's regular expressions.
struct Validator {
    let document: JSONValue

    func isValid(_ value: JSONValue, _ schema: JSONValue) -> Bool {
        guard case .object(let schema) = schema else { return schema != .bool(false) }
        return schema.allSatisfy { holds($0.key, $0.value, value, schema) }
    }

    private func holds(_ key: String, _ asked: JSONValue, _ value: JSONValue, _ schema: JSONObject) -> Bool {
        switch key {
        case "type": return (asked.array ?? [asked]).contains { isKind(value, $0.string ?? "") }
        case "enum": return asked.array?.contains { same($0, value) } ?? false
        case "const": return same(asked, value)
        case "anyOf": return asked.array?.contains { isValid(value, $0) } ?? false
        case "allOf": return asked.array?.allSatisfy { isValid(value, $0) } ?? false
        case "oneOf": return asked.array?.filter { isValid(value, $0) }.count == 1
        case "$ref":
            let path = (asked.string ?? "").split(separator: "/").dropFirst().map(String.init)
            return path.reduce(document as JSONValue?) { $0?[$1] }.map { isValid(value, $0) } ?? false
        default: break
        }
        switch value {
        case .object(let object): return holds(key, asked, object, schema)
        case .array(let array): return holds(key, asked, array, schema)
        case .string(let text): return holds(key, asked, text)
        case .integer, .number: return holds(key, asked, value.number ?? .nan)
        default: return true
        }
    }

    private func holds(_ key: String, _ asked: JSONValue, _ object: JSONObject, _ schema: JSONObject) -> Bool {
        let patterns = schema["patternProperties"]?.object ?? JSONObject()
        switch key {
        case "properties":
            return asked.object?.allSatisfy { member in object[member.key].map { isValid($0, member.value) } ?? true }
                ?? false
        case "required": return asked.array?.allSatisfy { object[$0.string ?? ""] != nil } ?? false
        case "minProperties": return object.count >= asked.integer ?? 0
        case "maxProperties": return object.count <= asked.integer ?? 0
        case "patternProperties":
            return object.allSatisfy { member in
                patterns.allSatisfy { !isFound($0.key, in: member.key) || isValid(member.value, $0.value) }
            }
        case "additionalProperties":
            return object.allSatisfy { member in
                schema["properties"]?[member.key] != nil || patterns.contains { isFound($0.key, in: member.key) }
                    || isValid(member.value, asked)
            }
        default: return true
        }
    }

    private func holds(_ key: String, _ asked: JSONValue, _ array: [JSONValue], _ schema: JSONObject) -> Bool {
        switch key {
        case "prefixItems": return zip(array, asked.array ?? []).allSatisfy { isValid($0, $1) }
        case "items": return array.dropFirst(schema["prefixItems"]?.array?.count ?? 0).allSatisfy { isValid($0, asked) }
        case "minItems": return array.count >= asked.integer ?? 0
        case "maxItems": return array.count <= asked.integer ?? 0
        default: return true
        }
    }

    private func holds(_ key: String, _ asked: JSONValue, _ text: String) -> Bool {
        switch key {
        case "minLength": return text.unicodeScalars.count >= asked.integer ?? 0
        case "maxLength": return text.unicodeScalars.count <= asked.integer ?? 0
        case "pattern": return isFound(asked.string ?? "", in: text)
        case "format": return isFormat(asked.string ?? "", text)
        default: return true
        }
    }

    private func holds(_ key: String, _ asked: JSONValue, _ number: Double) -> Bool {
        let bound = asked.number ?? .nan
        switch key {
        case "minimum": return number >= bound
        case "maximum": return number <= bound
        case "exclusiveMinimum": return number > bound
        case "exclusiveMaximum": return number < bound
        case "multipleOf": return (number / bound).rounded() == number / bound
        default: return true
        }
    }

    private func isFormat(_ name: String, _ text: String) -> Bool {
        switch name {
        case "uuid": return UUID(uuidString: text) != nil
        case "ipv4": return inet(AF_INET, text)
        case "ipv6": return inet(AF_INET6, text)
        case "uri": return URL(string: text)?.scheme != nil
        case "date":
            let numbers = text.split(separator: "-").compactMap { Int($0) }
            guard numbers.count == 3, text.utf8.count == 10 else { return false }
            let date = DateComponents(
                calendar: Calendar(identifier: .iso8601), year: numbers[0], month: numbers[1], day: numbers[2])
            return date.isValidDate
        default: return true
        }
    }

    private func inet(_ family: Int32, _ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(family, text, &address) == 1
    }

    private func isFound(_ pattern: String, in text: String) -> Bool {
        guard let expression = try? NSRegularExpression(pattern: pattern) else { return false }
        return expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }

    private func isKind(_ value: JSONValue, _ name: String) -> Bool {
        switch (name, value) {
        case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
            ("number", .integer), ("number", .number), ("integer", .integer):
            true
        case ("integer", .number(let number)): number == number.rounded()
        default: false
        }
    }

    private func same(_ one: JSONValue, _ other: JSONValue) -> Bool {
        if let a = one.number, let b = other.number { return a == b }
        return one == other
    }
}
