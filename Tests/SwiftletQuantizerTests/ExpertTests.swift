import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletQuantizer
import SwiftletTensors
import Testing

/// Importance weights where they matter: each expert has its own, and a matrix must be of the model.
@Suite struct ExpertTests {
    private static let name = "blk.0.ffn_up_exps.weight"

    private func matrix(_ name: String, _ count: Int) throws -> ImportanceMatrix {
        let factors = (0..<count).map { 1 + Float($0 * 7919 % 101) }
        let file = ImportanceMatrixFile(entries: [.init(name: name, sums: factors, counts: [1])])
        return try ImportanceMatrix(file, fileName: "m.gguf")
    }

    @Test func expertsHaveTheirOwnWeights() throws {
        let model = try TinyModel(layers: 1, experts: 4)
        var options = QuantizationOptions(.q4_K_S)
        let matrix = try matrix(Self.name, 256 * 4)
        options.importance = matrix
        let folder = try Folder()
        let plan = try QuantizationPlan(model, options)
        try Quantizer(plan, of: model, resources: .init(threads: 3)).write(to: [folder.file("q.gguf")])
        let written = try #require(try GGUFFile(folder.file("q.gguf")).tensor(named: Self.name))
        let tensor = try #require(model.tensors.first { $0.name == Self.name })
        let (weights, factors) = (model.weights(of: tensor), try #require(matrix.weights(named: Self.name)))
        let encoder = try #require(FormatCatalog.encoder(of: written.type))
        for expert in 0..<4 {
            let rows = Array(weights[expert * 8192..<(expert + 1) * 8192])
            let part = Array(factors[expert * 256..<(expert + 1) * 256])
            var bytes = [UInt8](repeating: 0, count: written[outer: expert].bytes.count)
            bytes.withUnsafeMutableBytes { output in
                rows.withUnsafeBufferPointer { rows in
                    part.withUnsafeBufferPointer { encoder.encode(rows, columns: 256, importance: $0, into: output) }
                }
            }
            #expect(written[outer: expert].bytes.elementsEqual(bytes), "expert \(expert)")
        }
    }

    @Test func expertsCountAsOneMatrixEach() throws {
        let plan = try QuantizationPlan(try TinyModel(layers: 1, experts: 4), QuantizationOptions(.mxfp4_MOE))
        #expect(plan.type(of: Self.name) == .mxfp4)
        #expect(plan.type(of: "blk.0.attn_q.weight") == .q8_0)
        #expect(plan.type(of: "blk.0.ffn_gate_inp.weight") == .f32)
    }

    @Test func matricesOfOtherModels() throws {
        let model = try TinyModel()
        var options = QuantizationOptions(.q4_K_M)
        for (name, count) in [("blk.0.attn_q.weight", 255), ("blk.77.attn_q.weight", 256)] {
            options.importance = try matrix(name, count)
            let error = #expect(throws: QuantizerError.self) { try QuantizationPlan(model, options) }
            #expect(error?.code == .importance && error?.description.contains("another model") == true)
        }
        // Embeddings may have any shape: their factors are of no use.
        options.importance = try matrix("token_embd.weight", 64)
        #expect(try QuantizationPlan(model, options).tensors.allSatisfy { $0.importance == nil })
    }

    @Test func lowTypesNeedAMatrix() throws {
        let model = try TinyModel()
        var options = QuantizationOptions(.iq2_XS)
        let plan = try QuantizationPlan(model, options)
        #expect(plan.tensors.contains { $0.lacksImportance })
        let folder = try Folder()
        let error = #expect(throws: QuantizerError.self) {
            try Quantizer(plan, of: model).write(to: [folder.file("q.gguf")])
        }
        #expect(error?.code == .importance)
        #expect(folder.names.isEmpty)
        options.fileType = .q2_K
        #expect(throws: Never.self) { try QuantizationPlan(model, options).checkImportance() }
        options.fileType = .q2_K_S
        #expect(throws: QuantizerError.self) { try QuantizationPlan(model, options).checkImportance() }
    }

    @Test func matrixIsNamedInTheFile() throws {
        var options = QuantizationOptions(.q4_0)
        let file = ImportanceMatrixFile(
            entries: [.init(name: "blk.0.attn_q.weight", sums: [Float](repeating: 1, count: 256), counts: [2])],
            datasets: [String(repeating: "d", count: 200), "other"], chunkCount: 9)
        options.importance = try ImportanceMatrix(file, fileName: "m.gguf")
        let metadata = try QuantizationPlan(try TinyModel(), options).files[0].metadata
        #expect(metadata["quantize.imatrix.file"] == .string("m.gguf"))
        #expect(metadata["quantize.imatrix.dataset"] == .string(String(repeating: "d", count: 127)))
        #expect(metadata["quantize.imatrix.entries_count"] == .uint32(1))
        #expect(metadata["quantize.imatrix.chunks_count"] == .uint32(9))
    }
}
