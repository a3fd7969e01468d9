public import SwiftletGround

/// A type that says its JSON Schema itself; others are asked by a trial decoding (`JSONValue.schema(of:)`).
public protocol JSONSchemaDescribed {
    static var jsonSchema: JSONValue { get throws }
}

extension JSONValue {
    /// The JSON Schema of what a type decodes.
    ///
    /// Runs the type's `init(from:)` with a decoder that notes what is asked for and answers with zeros and empty texts.
    /// Knows numbers, texts, booleans, optionals, arrays, dictionaries with text keys, enumerations with raw values that are
    /// `CaseIterable`, dates, URLs and UUIDs, and types made of those; throws for recursive types and for those that refuse
    /// the trial's values: let them be `JSONSchemaDescribed`.
    public static func schema<T: Decodable>(of type: T.Type) throws(EngineError) -> JSONValue {
        do {
            return try SchemaProbe.explore(type, path: [], outer: []).schema
        } catch let error as EngineError {
            throw error
        } catch {
            throw EngineError(
                .schema, "the type refuses the values of a trial", at: "\(type)",
                advice: "Let it conform to JSONSchemaDescribed", cause: error)
        }
    }
}

extension Dictionary: JSONSchemaDescribed where Key == String, Value: Decodable {
    public static var jsonSchema: JSONValue {
        get throws { ["type": "object", "additionalProperties": try JSONValue.schema(of: Value.self)] }
    }
}

extension JSONValue {
    /// A schema that null satisfies too.
    var nullable: JSONValue { ["anyOf": [self, ["type": "null"]]] }
}
