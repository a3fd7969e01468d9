import Foundation
import SwiftletGround

/// A decoder that has no data: it notes what a type asks for, and answers with zeros and empty texts.
final class SchemaProbe: Decoder {
    let codingPath: [any CodingKey]
    let userInfo: [CodingUserInfoKey: Any] = [:]
    /// The types that this one stands in, to find recursion.
    let outer: [ObjectIdentifier]
    fileprivate var shape = Shape.unknown
    fileprivate var optionals: Set<String> = []

    fileprivate enum Shape {
        case unknown
        case object(JSONObject, required: [String])
        case array(JSONValue?)
        case value(JSONValue)
    }

    private init(_ path: [any CodingKey], _ outer: [ObjectIdentifier]) { (codingPath, self.outer) = (path, outer) }

    /// The schema of `type` and a value of it.
    static func explore<T: Decodable>(
        _ type: T.Type, path: [any CodingKey], outer: [ObjectIdentifier]
    ) throws -> (schema: JSONValue, value: T) {
        if let known = KnownSchema.of(type) { return known }
        if let cases = EnumerationCases.of(type) { return cases }
        guard !outer.contains(ObjectIdentifier(type)) else {
            throw EngineError(
                .schema, "the type holds itself", at: "\(type)", advice: "Let it conform to JSONSchemaDescribed")
        }
        let probe = SchemaProbe(path, outer + [ObjectIdentifier(type)])
        let value = try T(from: probe)
        if let described = type as? any JSONSchemaDescribed.Type { return (try described.jsonSchema, value) }
        return (probe.schema, value)
    }

    private var schema: JSONValue {
        switch shape {
        case .unknown: return .object(JSONObject())
        case .value(let schema): return schema
        case .array(let items):
            return ["type": "array", "items": items ?? .object(JSONObject())]
        case .object(let properties, let required):
            return [
                "type": "object", "properties": .object(properties),
                "required": .array(required.map(JSONValue.string)), "additionalProperties": false,
            ]
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        if case .unknown = shape { shape = .object(JSONObject(), required: []) }
        return KeyedDecodingContainer(Keyed<Key>(probe: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        shape = .array(nil)
        return Unkeyed(probe: self)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(probe: self) }

    fileprivate func note(_ key: any CodingKey, _ schema: JSONValue) {
        guard case .object(var properties, var required) = shape else { return }
        let isOptional = optionals.contains(key.stringValue)
        if properties[key.stringValue] == nil, !isOptional { required.append(key.stringValue) }
        properties[key.stringValue] = isOptional ? schema.nullable : schema
        shape = .object(properties, required: required)
    }
}

/// The members of an object.
private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let probe: SchemaProbe

    var codingPath: [any CodingKey] { probe.codingPath }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }

    /// Asked of members that may be missing, before they are decoded.
    func decodeNil(forKey key: Key) throws -> Bool {
        probe.optionals.insert(key.stringValue)
        return false
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let (schema, value) = try SchemaProbe.explore(type, path: codingPath + [key], outer: probe.outer)
        probe.note(key, schema)
        return value
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw Self.handMade(at: codingPath + [key]) }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw Self.handMade(at: codingPath + [key])
    }

    func superDecoder() throws -> any Decoder { throw Self.handMade(at: codingPath) }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw Self.handMade(at: codingPath + [key]) }

    private static func handMade(at path: [any CodingKey]) -> EngineError {
        EngineError(
            .schema, "the type decodes itself in a way of its own",
            at: path.map(\.stringValue).joined(separator: "."), advice: "Let it conform to JSONSchemaDescribed")
    }
}

/// The elements of an array: one, so that its schema is seen.
private struct Unkeyed: UnkeyedDecodingContainer {
    let probe: SchemaProbe
    var currentIndex = 0

    var codingPath: [any CodingKey] { probe.codingPath }
    var count: Int? { nil }
    var isAtEnd: Bool { currentIndex > 0 }

    mutating func decodeNil() throws -> Bool { false }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        currentIndex += 1
        let (schema, value) = try SchemaProbe.explore(type, path: codingPath, outer: probe.outer)
        probe.shape = .array(schema)
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> { try probe.container(keyedBy: type) }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try probe.unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { probe }
}

/// A value that is no container: what wraps another type shows that type's schema.
private struct Single: SingleValueDecodingContainer {
    let probe: SchemaProbe

    var codingPath: [any CodingKey] { probe.codingPath }

    func decodeNil() -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let (schema, value) = try SchemaProbe.explore(type, path: codingPath, outer: probe.outer)
        probe.shape = .value(schema)
        return value
    }
}
