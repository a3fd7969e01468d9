import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// AWQ (arXiv:2306.00978) in AutoAWQ's layout for matrix products ("gemm"): 4 bits.
///
/// `qweight` `[inputs, outputs / 8]`, `qzeros` `[groups, outputs / 8]`, `scales` `[groups, outputs]`. The eight outputs
/// of a word lie in the order 0, 2, 4, 6, 1, 3, 5, 7 from the lowest bits. A weight is (number - zero) * scale.
struct AWQ: WeightDecoder {
    /// Where the bits of output 0 ... 7 of a word begin.
    private static let shifts: [UInt32] = [0, 16, 4, 20, 8, 24, 12, 28]

    init(_ settings: JSONObject) throws(ConversionError) {
        let layout = settings["version"]?.string?.lowercased() ?? "gemm"
        guard layout == "gemm" else {
            throw ConversionError(
                .unsupported, "AWQ's layout \"\(layout)\" is not read, only gemm",
                at: "config.json, quantization_config.version")
        }
        _ = try settings.quantization(settings["bits"] == nil ? "w_bit" : "bits", in: 4...4, default: 4)
    }

    var keepsPlaces: Bool { false }
    var partEndings: [String] { [".qweight", ".qzeros", ".scales"] }

    func weightName(_ tensor: SafetensorsTensor, _ table: TensorTable) -> String? {
        tensor.name.hasSuffix(".qweight") ? tensor.name.dropLast(".qweight".count) + ".weight" : nil
    }

    func decoded(
        _ name: String, _ tensor: SafetensorsTensor, _ table: TensorTable
    ) throws(ConversionError) -> Weight {
        let stem = String(tensor.name.dropLast(".qweight".count))
        guard tensor.isWords, tensor.shape.count == 2, tensor.shape[0] > 0, tensor.shape[1] > 0 else {
            throw TensorTable.wrongShape(tensor, "[inputs, outputs / 8] of 32-bit words is needed")
        }
        let (inputs, words) = (tensor.shape[0], tensor.shape[1])
        let outputs = words * 8
        let scales = try table.floats(stem + ".scales")
        let groups = scales.count / outputs
        guard groups > 0, scales.count == groups * outputs, inputs % groups == 0 else {
            throw TensorTable.wrongShape(try table.tensor(stem + ".scales"), "[groups, \(outputs)] is needed")
        }
        let zeros = try table.tensor(stem + ".qzeros", groups, words)
        guard zeros.isWords else { throw TensorTable.wrongShape(zeros, "32-bit words are needed") }
        let size = inputs / groups
        return Weight(shape: [outputs, inputs], type: .f32) { (rows, output) throws(ConversionError) in
            for input in 0..<inputs {
                let group = input / size
                for row in rows {
                    let (word, shift) = (row / 8, Self.shifts[row % 8])
                    let number = Int32(tensor.word(input * words + word) >> shift & 15)
                    let zero = Int32(zeros.word(group * words + word) >> shift & 15)
                    output[(row - rows.lowerBound) * inputs + input] =
                        Float(number - zero) * scales[group * outputs + row]
                }
            }
        }
    }
}
