import Foundation
import SwiftletGround
import SwiftletModelFiles

extension Inspection {
    /// Everything as one object; arrays of more than `limit` elements become `{"type", "count", "first"}`.
    func json(limit: Int) -> JSONValue {
        var object = JSONObject([
            ("file", .string(files[0].path(percentEncoded: false))), ("format", .string(format)),
        ])
        if files.count > 1 { object["files"] = .array(files.map { .string($0.path(percentEncoded: false)) }) }
        if let alignment { object["alignment"] = .integer(Int64(alignment)) }
        object["metadata"] = .object(JSONObject(metadata.map { ($0.key, $0.value.json(limit: limit)) }))
        object["tensors"] = .array(tensors.map { .object(json($0)) })
        object["totals"] = [
            "tensors": .integer(Int64(tensors.count)), "parameters": .integer(Int64(parameters)),
            "bytes": .integer(Int64(tensorBytes)), "bitsPerWeight": bitsPerWeight.map(JSONValue.number) ?? .null,
        ]
        return .object(object)
    }

    private func json(_ tensor: Tensor) -> JSONObject {
        var object = JSONObject([
            ("name", .string(tensor.name)), ("type", .string(tensor.type)),
            ("shape", .array(tensor.shape.map { .integer(Int64($0)) })), ("offset", .integer(Int64(tensor.offset))),
            ("fileOffset", .integer(Int64(tensor.fileOffset))), ("bytes", .integer(Int64(tensor.bytes))),
        ])
        if files.count > 1 { object["file"] = .integer(Int64(tensor.file)) }
        return object
    }
}

extension GGUFValue {
    /// Strings that are not UTF-8 get U+FFFD where they are not; NaN and infinities become null.
    func json(limit: Int) -> JSONValue {
        switch self {
        case .string(let string): .string(String(decoding: string.bytes, as: UTF8.self))
        case .bool(let value): .bool(value)
        case .float32(let value): JSONValue(float: value)
        case .float64(let value): .number(value)
        case .array(let array): array.json(limit: limit)
        default: integer.map(JSONValue.init(integer:)) ?? .null
        }
    }
}

extension JSONValue {
    /// What exceeds 64 signed bits becomes the nearest double, as in JSON of other programs.
    init(integer: any FixedWidthInteger) {
        self = Int64(exactly: integer).map(JSONValue.integer) ?? .number(Double(integer))
    }
}

extension JSONValue {
    /// The shortest decimal that is this float, not the long one that is its double: 1e-05, not 9.999999747378752e-06.
    init(float: Float) { self = .number(Double(float.description) ?? Double(float)) }
}

extension GGUFArray {
    func json(limit: Int) -> JSONValue {
        guard count > limit else { return .array(elements(count)) }
        return [
            "type": .string("\(elementType)"), "count": .integer(Int64(count)), "first": .array(elements(limit)),
        ]
    }

    /// The first elements as JSON.
    func elements(_ limit: Int) -> [JSONValue] {
        switch elementType {
        case .string:
            var texts: [JSONValue] = []
            try? forEachUnsafeString { index, bytes in
                if index < limit { texts.append(.string(String(decoding: bytes, as: UTF8.self))) }
            }
            return texts
        case .array: return arrays.prefix(limit).map { $0.json(limit: limit) }
        case .bool: return ((try? bools()) ?? []).prefix(limit).map(JSONValue.bool)
        case .float32: return ((try? floats()) ?? []).prefix(limit).map(JSONValue.init(float:))
        case .float64: return ((try? floats()) ?? []).prefix(limit).map { .number(Double($0)) }
        case .uint64: return ((try? integers(as: UInt64.self)) ?? []).prefix(limit).map(JSONValue.init(integer:))
        default: return ((try? integers(as: Int64.self)) ?? []).prefix(limit).map(JSONValue.integer)
        }
    }
}
