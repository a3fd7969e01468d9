import Foundation
import SwiftletGround
import SwiftletLibrary
import SwiftletQuantizer
import SwiftletTensors

/// What was quantized, or would be.
struct QuantizeReport: Sendable {
    let input: String
    let plan: QuantizationPlan
    /// Files, or a name of the library; empty for a dry run.
    var output: [String] = []
    var accuracies: [TensorAccuracy]?
    var seconds: Double?

    init(_ job: QuantizeJob) { (input, plan) = (job.input.title, job.plan) }

    init(dryRun plan: QuantizationPlan, of input: QuantizeInput) { (self.input, self.plan) = (input.title, plan) }

    private var needsMatrix: Bool { plan.tensors.contains { $0.lacksImportance } }

    /// `Q4_K_M: 270.9 MB -> 105.5 MB, 6.19 bits a weight, 0.6 s: out.gguf`.
    var summary: String {
        var text = "\(plan.fileType.name): \(plan.sourceBytes.asBytes) -> \(plan.bytes.asBytes), "
        text += String(format: "%.2f bits a weight", plan.bitsPerWeight)
        if let seconds { text += String(format: ", %.1f s", seconds) }
        if !output.isEmpty { text += ": " + output.joined(separator: ", ") }
        return text + "\n"
    }

    var notes: String {
        let all = plan.notes + (needsMatrix ? ["this type needs an importance matrix: --imatrix"] : [])
        return all.map { "note: \($0)\n" }.joined()
    }

    /// Types and sizes of all tensors.
    var planTable: String {
        var table = TextTable(.left, .right, .left, .left, .right, .right)
        table.add("TENSOR", "SHAPE", "FROM", "TO", "BYTES", "")
        for tensor in plan.tensors {
            let shape = tensor.dimensions.map(String.init).joined(separator: " x ")
            let note =
                tensor.lacksImportance ? "needs a matrix" : tensor.wantedType.map { "instead of \($0.name)" } ?? ""
            table.add(tensor.name, shape, tensor.sourceType.name, tensor.type.name, tensor.bytes.asBytes, note)
        }
        return table.text()
    }

    /// The errors of all tensors that changed.
    var accuracyTable: String {
        guard let accuracies else { return "" }
        var table = TextTable(.left, .left, .right, .right, .left)
        table.add("TENSOR", "TYPE", "RMSE", "SNR", "WORST BLOCK")
        for accuracy in accuracies {
            guard let worst = accuracy.worstBlock else { continue }
            table.add(
                accuracy.name, accuracy.type.name, String(format: "%.3g", accuracy.error),
                String(format: "%.1f dB", accuracy.signalToNoise),
                String(format: "%.3g in row %d, column %d", worst.error, worst.row, worst.column))
        }
        return table.text()
    }
}
