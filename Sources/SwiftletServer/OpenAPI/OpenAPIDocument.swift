package import SwiftletGround
import Yams

/// The OpenAPI description of everything that the server answers: openapi.yaml, which the binary carries.
///
/// Tests compare it with the table of routes and with what a running server answers.
package enum OpenAPIDocument {
    /// The file as it is.
    package static let yaml = String(decoding: PackageResources.openapi_yaml, as: UTF8.self)

    /// The same as JSON, members in the file's order. Throws `configuration` for a file that is no YAML of JSON's values, and
    /// for one that has a key twice.
    package static func json() throws(ServerError) -> JSONValue {
        do {
            guard let node = try compose(yaml: yaml) else { throw problem("is empty") }
            return try JSONValue(node)
        } catch let error as ServerError {
            throw error
        } catch {
            throw problem("\(error)")
        }
    }

    /// Made at the first request.
    static let jsonText = Result { () throws(ServerError) in try json().text() }

    fileprivate static func problem(_ text: String) -> ServerError {
        ServerError(.configuration, text, at: "openapi.yaml")
    }
}

extension JSONValue {
    /// A node of YAML whose values are JSON's: no dates, no infinities, keys that are texts.
    fileprivate init(_ node: Node) throws(ServerError) {
        switch node {
        case .scalar(let scalar):
            switch node.tag.description {
            case Tag.Name.str.rawValue: self = .string(scalar.string)
            case Tag.Name.null.rawValue: self = .null
            case Tag.Name.bool.rawValue: self = .bool(node.bool ?? false)
            case Tag.Name.int.rawValue where node.int != nil: self = .integer(Int64(node.int ?? 0))
            case Tag.Name.float.rawValue where node.float?.isFinite == true: self = .number(node.float ?? 0)
            default: throw OpenAPIDocument.problem("has a value that JSON has not: \(scalar.string.prefix(40))")
            }
        case .sequence(let nodes):
            var values: [JSONValue] = []
            for node in nodes { values.append(try JSONValue(node)) }
            self = .array(values)
        case .mapping(let members):
            var object = JSONObject()
            for (key, value) in members {
                guard let name = key.scalar?.string, object[name] == nil else {
                    throw OpenAPIDocument.problem("has a key that is no text, or has one twice")
                }
                object[name] = try JSONValue(value)
            }
            self = .object(object)
        case .alias: throw OpenAPIDocument.problem("has an alias")
        }
    }
}
