import SwiftletGround

extension PlainSchema {
    /// What both schemas ask; nil if no value can be valid for both.
    func merged(with other: PlainSchema) throws(GrammarError) -> PlainSchema? {
        var result = self
        if let theirs = other.kinds {
            let kinds = (self.kinds ?? .all).intersection(theirs)
            if kinds.isEmpty, !(isNullable && other.isNullable) { return nil }
            result.kinds = kinds
        }
        result.isNullable = isNullable && other.isNullable
        if let theirs = other.values {
            result.values =
                values.map { mine in mine.filter { value in theirs.contains { $0.isSame(as: value) } } } ?? theirs
            if result.values?.isEmpty == true { return nil }
        }
        try result.mergeObjects(self, other)
        result.mergeArrays(self, other)
        result.minLength = max(minLength, other.minLength)
        result.maxLength = Self.least(maxLength, other.maxLength)
        result.patterns += other.patterns.filter { theirs in
            !patterns.contains { ByteString($0) == ByteString(theirs) }
        }
        result.formats += other.formats.filter { !formats.contains($0) }
        result.lower += other.lower
        result.upper += other.upper
        result.divisors += other.divisors.filter { !divisors.contains($0) }
        return result
    }

    private mutating func mergeObjects(_ one: PlainSchema, _ other: PlainSchema) throws(GrammarError) {
        let closes = [one, other].contains { $0.additionalProperties != nil && $0.additionalProperties != .bool(true) }
        if closes, !one.patternProperties.isEmpty || !other.patternProperties.isEmpty,
            one.spokenOf.contains(.object), other.spokenOf.contains(.object)
        {
            throw SchemaCompiler.unsupported(pointer, "patternProperties in one of the schemas to merge")
        }
        var merged = JSONObject()
        for member in one.properties {
            merged[member.key] = Self.both(member.value, other.properties[member.key] ?? other.additionalProperties)
        }
        for member in other.properties where one.properties[member.key] == nil {
            merged[member.key] = Self.both(member.value, one.additionalProperties)
        }
        properties = merged
        for member in other.patternProperties {
            patternProperties[member.key] = Self.both(member.value, one.patternProperties[member.key])
        }
        additionalProperties =
            one.additionalProperties.map { Self.both($0, other.additionalProperties) }
            ?? other.additionalProperties
        propertyNames += other.propertyNames
        for name in other.required where !required.contains(where: { ByteString($0) == ByteString(name) }) {
            required.append(name)
        }
        minProperties = max(one.minProperties, other.minProperties)
        maxProperties = Self.least(one.maxProperties, other.maxProperties)
    }

    private mutating func mergeArrays(_ one: PlainSchema, _ other: PlainSchema) {
        let count = max(one.prefixItems.count, other.prefixItems.count)
        prefixItems = (0..<count).map { place in
            let mine = place < one.prefixItems.count ? one.prefixItems[place] : one.items ?? .bool(true)
            let theirs = place < other.prefixItems.count ? other.prefixItems[place] : other.items ?? .bool(true)
            return Self.both(mine, theirs)
        }
        items = one.items.map { Self.both($0, other.items) } ?? other.items
        minItems = max(one.minItems, other.minItems)
        maxItems = Self.least(one.maxItems, other.maxItems)
        uniqueItems = one.uniqueItems || other.uniqueItems
    }

    private static func least(_ one: Int?, _ other: Int?) -> Int? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    /// A schema for values that are valid for both.
    static func both(_ one: JSONValue, _ other: JSONValue?) -> JSONValue {
        guard let other, other != .bool(true), other != one else { return one }
        if one == .bool(true) { return other }
        if one == .bool(false) || other == .bool(false) { return .bool(false) }
        return .object(["allOf": .array([one, other])])
    }
}

extension JSONValue {
    /// JSON Schema's equality: 1 and 1.0 are one number, and the order of members says nothing.
    func isSame(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.array(let a), .array(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
        case (.object(let a), .object(let b)):
            a.count == b.count && a.allSatisfy { member in b[member.key]?.isSame(as: member.value) ?? false }
        case (.integer(let a), .number(let b)): Int64(exactly: b) == a
        case (.number(let a), .integer(let b)): Int64(exactly: a) == b
        default: self == other
        }
    }
}

enum JSONPointer {
    /// A key as a part of a JSON pointer (RFC 6901).
    static func escaped(_ key: String) -> String {
        guard key.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return key }
        return key.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// What "#/a/b" (or "#") leads to in a document.
    static func find(_ pointer: String, in document: JSONValue) -> JSONValue? {
        guard pointer.utf8.first == UInt8(ascii: "#") else { return nil }
        let path = pointer.dropFirst()
        if path.isEmpty { return document }
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        var value = document
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let key = unescaped(part) else { return nil }
            if let next = value.object?[key] {
                value = next
            } else if let place = Int(key), let next = value[place] {
                value = next
            } else {
                return nil
            }
        }
        return value
    }

    private static func unescaped(_ part: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(part.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "~"), let next = rest.popFirst() {
                bytes.append(next == UInt8(ascii: "1") ? UInt8(ascii: "/") : UInt8(ascii: "~"))
            } else if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
