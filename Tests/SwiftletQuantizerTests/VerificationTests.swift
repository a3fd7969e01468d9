import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletQuantizer
import SwiftletTensors
import Testing

@Suite struct VerificationTests {
    @Test func errorsAreMeasured() throws {
        let folder = try Folder()
        let model = try TinyModel()
        let plan = try QuantizationPlan(model, QuantizationOptions(.q4_K_S))
        let quantizer = Quantizer(plan, of: model)
        try quantizer.write(to: [folder.file("q.gguf")])
        let accuracies = try quantizer.verify([folder.file("q.gguf")])
        #expect(accuracies.map(\.name) == plan.tensors.map(\.name))
        let written = try GGUFFile(folder.file("q.gguf"))
        for accuracy in accuracies {
            let tensor = try #require(model.tensors.first { $0.name == accuracy.name })
            let (old, new) = (model.weights(of: tensor), try #require(written.tensor(named: tensor.name)).decoded())
            let errors = zip(old, new).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
            #expect(abs(accuracy.error - (errors / Double(old.count)).squareRoot()) <= 1e-12)
            if tensor.dimensions.count == 1 {
                #expect(accuracy.signalToNoise == .infinity && accuracy.worstBlock == nil)
            } else {
                #expect(accuracy.signalToNoise > 15 && accuracy.signalToNoise < 60)
                let worst = try #require(accuracy.worstBlock)
                #expect(worst.error >= accuracy.error && worst.row < tensor.rows && worst.column < tensor.columns)
            }
        }
        for threads in [1, 5] {
            let again = Quantizer(plan, of: model, resources: .init(threads: threads))
            #expect(try again.verify([folder.file("q.gguf")]) == accuracies)
        }
    }

    @Test func moreBitsAreCloser() throws {
        let folder = try Folder()
        let model = try TinyModel()
        let errors = try [FileType.q2_K, .q3_K_S, .q4_K_S, .q5_K_S, .q6_K, .q8_0, .f16].map { type in
            let quantizer = Quantizer(try QuantizationPlan(model, QuantizationOptions(type)), of: model)
            try quantizer.write(to: [folder.file("q.gguf")])
            let all = try quantizer.verify([folder.file("q.gguf")])
            return try #require(all.first { $0.name == "blk.1.attn_q.weight" }).error
        }
        #expect(zip(errors, errors.dropFirst()).allSatisfy { $0 > $1 }, "\(errors)")
    }

    @Test func otherFilesAreRefused() throws {
        let folder = try Folder()
        let model = try TinyModel()
        let quantizer = Quantizer(try QuantizationPlan(model, QuantizationOptions(.q8_0)), of: model)
        try Quantizer(QuantizationPlan(model, QuantizationOptions(.q4_0)), of: model).write(to: [folder.file("q4.gguf")]
        )
        #expect(throws: QuantizerError.self) { try quantizer.verify([folder.file("q4.gguf")]) }
        #expect(throws: ModelFileError.self) { try quantizer.verify([folder.file("absent.gguf")]) }
        // A scale that became infinite.
        try quantizer.write(to: [folder.file("q.gguf")])
        let file = try GGUFFile(folder.file("q.gguf"))
        let tensor = try #require(file.tensors.first { $0.name == "blk.0.ffn_up.weight" })
        var bytes = try Data(contentsOf: folder.file("q.gguf"))
        bytes[file.dataOffsets[0] + tensor.offset + 1] = 0x7C
        bytes[file.dataOffsets[0] + tensor.offset] = 0
        try bytes.write(to: folder.file("bad.gguf"))
        let error = #expect(throws: QuantizerError.self) { try quantizer.verify([folder.file("bad.gguf")]) }
        #expect(error?.place == "tensor blk.0.ffn_up.weight, row 0")
    }
}
