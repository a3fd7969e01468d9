import Foundation
import SwiftletGround

/// Types whose schema needs no trial.
enum KnownSchema {
    static func of<T>(_ type: T.Type) -> (schema: JSONValue, value: T)? {
        guard let (schema, value) = table[ObjectIdentifier(type)], let value = value as? T else { return nil }
        return (schema, value)
    }

    private static let table: [ObjectIdentifier: (schema: JSONValue, value: any Sendable)] = {
        var table: [ObjectIdentifier: (schema: JSONValue, value: any Sendable)] = [:]
        func add<T: Sendable>(_ value: T, _ schema: JSONValue) { table[ObjectIdentifier(T.self)] = (schema, value) }
        func add<T: FixedWidthInteger & Sendable>(_ value: T) {
            // Wider bounds than a Double holds exactly say nothing that a parser could check.
            guard T.bitWidth <= 32 else {
                return add(value, T.isSigned ? ["type": "integer"] : ["type": "integer", "minimum": 0])
            }
            add(value, ["type": "integer", "minimum": .integer(Int64(T.min)), "maximum": .integer(Int64(T.max))])
        }
        add(Int(0)); add(Int8(0)); add(Int16(0)); add(Int32(0)); add(Int64(0))
        add(UInt(0)); add(UInt8(0)); add(UInt16(0)); add(UInt32(0)); add(UInt64(0))
        add(Double(0), ["type": "number"])
        add(Float(0), ["type": "number"])
        add(Decimal(0), ["type": "number"])
        add(false, ["type": "boolean"])
        add("", ["type": "string"])
        add(Date(timeIntervalSince1970: 0), ["type": "string", "format": "date-time"])
        add(UUID(), ["type": "string", "format": "uuid"])
        add(URL(filePath: "/"), ["type": "string", "format": "uri"])
        return table
    }()
}

/// Enumerations with raw values: their cases are what the schema allows.
enum EnumerationCases {
    static func of<T>(_ type: T.Type) -> (schema: JSONValue, value: T)? {
        guard let type = type as? any CaseIterable.Type else { return nil }
        let cases = all(type)
        guard let first = cases.first as? T else { return nil }
        var values: [JSONValue] = []
        for each in cases {
            guard let each = each as? any RawRepresentable, let value = rawValue(each) else { return nil }
            values.append(value)
        }
        return (["enum": .array(values)], first)
    }

    private static func all<T: CaseIterable>(_ type: T.Type) -> [Any] { Array(type.allCases) }

    private static func rawValue<T: RawRepresentable>(_ value: T) -> JSONValue? {
        switch value.rawValue {
        case let text as String: .string(text)
        case let number as any BinaryInteger: Int64(exactly: number).map(JSONValue.integer)
        default: nil
        }
    }
}
