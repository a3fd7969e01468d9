import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Testing

/// A tiny model of ../shared with amplified weights and other settings, so that a wrong rotation, window, scale or expert
/// shows in its logits (Tests/Fixtures/architectures, made by dev/generate-architecture-fixtures.py).
struct ArchitectureVariant: CustomTestStringConvertible {
    let name: String
    /// The model of ../shared/conformance/architectures that it is made from.
    let source: String
    /// Settings in place of the source's, without the architecture's name.
    let settings: JSONObject
    /// The greatest normalized mean squared error.
    let limit: Double

    var testDescription: String { name }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/architectures").standardized

    static func all() throws -> [Self] {
        let index = try JSONValue(parsing: Data(contentsOf: folder.appending(path: "variants.json")))
        return try #require(index["variants"]?.object).map { member in
            let value = member.value
            return Self(
                name: member.key, source: try #require(value["file"]?.string),
                settings: value["settings"]?.object ?? JSONObject(), limit: try #require(value["limit"]?.number))
        }
    }

    /// The reference's logits of every fourth row, from row 3 on.
    func expected() throws -> [Float] {
        try Data(contentsOf: Self.folder.appending(path: name + ".f32"))
            .withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    func write(to url: URL) throws {
        let file = try GGUFFile(Shared.url("conformance/architectures/\(source).gguf"))
        var metadata = file.metadata
        let architecture = try metadata.string("general.architecture")
        for setting in settings { metadata["\(architecture).\(setting.key)"] = try Self.value(setting.value) }
        var writer = try GGUFWriter(metadata: metadata)
        for tensor in file.tensors { try writer.add(tensor.name, type: tensor.type, dimensions: tensor.dimensions) }
        try writer.write(to: url) { tensor, write in
            try #require(tensor.type == .f32)
            var values = try #require(file.tensor(named: tensor.name)).decoded()
            Self.amplify(&values, of: tensor.name)
            try values.withUnsafeBytes(write)
        }
    }

    private static func value(_ value: JSONValue) throws -> GGUFValue {
        switch value {
        case .integer(let number): .uint32(try #require(UInt32(exactly: number)))
        case .number(let number): .float32(Float(number))
        default: .string(try #require(value.string))
        }
    }

    private static func amplify(_ values: inout [Float], of name: String) {
        let count = values.count
        func scale(by factor: Float) { for index in 0..<count { values[index] *= factor } }
        // As numpy.linspace: in double precision, the last value exactly.
        func spread(to last: Double) {
            let step = (last - 1) / Double(count - 1)
            values = (0..<count).map { Float($0 == count - 1 ? last : 1 + Double($0) * step) }
        }
        if name.contains("attn_q.weight") || name.contains("attn_k.weight") { scale(by: 10) }
        if name.contains("attn_v.weight") || name.contains("attn_output.weight") { scale(by: 8) }
        if name.contains("ffn_"), name.contains("weight"), !name.contains("norm") { scale(by: 8) }
        if name.contains("gate_inp") { scale(by: 30) }
        if name.contains("norm") { values = values.map { 1 + $0 } }
        if name.hasSuffix(".scale") { values = (0..<count).map { Float(0.9 + 0.2 * Double($0)) } }
        if name == "rope_freqs.weight" { spread(to: 8) }
        if name.contains("rope_factors") { spread(to: name.contains("short") ? 3 : 20) }
    }
}
