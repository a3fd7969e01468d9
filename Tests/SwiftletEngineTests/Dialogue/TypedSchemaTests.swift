import Foundation
import SwiftletEngine
import SwiftletGround
import Testing

struct TypedSchemaTests {
    enum Course: String, Codable, CaseIterable { case starter, main, dessert }

    struct Ingredient: Codable { var name: String; var grams: Double? }

    struct Dish: Codable {
        var name: String
        var minutes: UInt8
        var course: Course
        var ingredients: [Ingredient]
        var notes: [String: Bool]
        var made: Date?
    }

    struct Tree: Codable { var children: [Tree] }

    struct Picky: Decodable {
        init(from decoder: any Decoder) throws {
            let text = try decoder.singleValueContainer().decode(String.self)
            guard !text.isEmpty else { throw CancellationError() }
        }
    }

    @Test func aStructureBecomesAnObject() throws {
        let text = """
            {"type": "object", "properties": {"name": {"type": "string"}, \
            "minutes": {"type": "integer", "minimum": 0, "maximum": 255}, \
            "course": {"enum": ["starter", "main", "dessert"]}, \
            "ingredients": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}, \
            "grams": {"anyOf": [{"type": "number"}, {"type": "null"}]}}, "required": ["name"], \
            "additionalProperties": false}}, \
            "notes": {"type": "object", "additionalProperties": {"type": "boolean"}}, \
            "made": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}}, \
            "required": ["name", "minutes", "course", "ingredients", "notes"], "additionalProperties": false}
            """
        let found = try JSONValue.schema(of: Dish.self).text(.python)
        #expect(found == text)
    }

    @Test func arraysAndScalarsAreSchemasThemselves() throws {
        #expect(
            try JSONValue.schema(of: [Int].self).text(.python) == #"{"type": "array", "items": {"type": "integer"}}"#)
        #expect(try JSONValue.schema(of: Bool.self).text(.python) == #"{"type": "boolean"}"#)
    }

    @Test func whatCannotBeSeenIsAnError() {
        #expect { try JSONValue.schema(of: Tree.self) } throws: { ($0 as? EngineError)?.code == .schema }
        #expect { try JSONValue.schema(of: Picky.self) } throws: { ($0 as? EngineError)?.code == .schema }
    }
}
