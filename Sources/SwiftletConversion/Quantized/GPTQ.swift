import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// GPTQ (arXiv:2210.17323) as AutoGPTQ and GPTQModel store it: 2, 3, 4 or 8 bits, groups of inputs, act-order.
///
/// `qweight` `[inputs * bits / 32, outputs]`, `qzeros` `[groups, outputs * bits / 32]`, `scales` `[groups, outputs]`,
/// `g_idx` `[inputs]`. Numbers lie in a row of bits, the first in the lowest; 3 bits run across words. A weight is
/// scale * (number - zero), in single precision.
struct GPTQ: WeightDecoder {
    private let bits: Int
    private let groupSize: Int
    /// Version 1 stores zeros less one.
    private let zeroShift: Int32

    init(_ settings: JSONObject) throws(ConversionError) {
        bits = try settings.quantization("bits", in: 2...8)
        guard [2, 3, 4, 8].contains(bits) else {
            throw ConversionError(
                .unsupported, "GPTQ in \(bits) bits is unknown", at: "config.json, quantization_config.bits")
        }
        groupSize = try settings.quantization("group_size", in: -1...1 << 24, default: 128)
        zeroShift = settings["checkpoint_format"]?.string ?? "gptq" == "gptq" ? 1 : 0
    }

    var keepsPlaces: Bool { false }
    var partEndings: [String] { [".qweight", ".qzeros", ".scales", ".g_idx"] }

    func weightName(_ tensor: SafetensorsTensor, _ table: TensorTable) -> String? {
        tensor.name.hasSuffix(".qweight") ? tensor.name.dropLast(".qweight".count) + ".weight" : nil
    }

    func decoded(
        _ name: String, _ tensor: SafetensorsTensor, _ table: TensorTable
    ) throws(ConversionError) -> Weight {
        let stem = String(tensor.name.dropLast(".qweight".count))
        guard tensor.isWords, tensor.shape.count == 2, tensor.elementCount > 0, tensor.shape[0] * 32 % bits == 0 else {
            throw TensorTable.wrongShape(tensor, "[inputs * \(bits) / 32, outputs] of 32-bit words is needed")
        }
        let (inputs, outputs, bits) = (tensor.shape[0] * 32 / bits, tensor.shape[1], bits)
        let scales = try table.floats(stem + ".scales")
        let groups = scales.count / outputs
        guard groups > 0, groups * outputs == scales.count, outputs * bits % 32 == 0 else {
            throw TensorTable.wrongShape(try table.tensor(stem + ".scales"), "[groups, \(outputs)] is needed")
        }
        let zeros = try zeros(table, stem, groups: groups, outputs: outputs)
        let group = try groupIndices(table, stem, inputs: inputs, groups: groups)
        let mask = UInt64(1) << UInt64(bits) - 1
        return Weight(shape: [outputs, inputs], type: .f32) { (rows, output) throws(ConversionError) in
            for input in 0..<inputs {
                let (word, shift) = (input * bits / 32, UInt64(input * bits % 32))
                let isSplit = Int(shift) + bits > 32
                let first = group[input] * outputs
                for row in rows {
                    var wide = UInt64(tensor.word(word * outputs + row))
                    if isSplit { wide |= UInt64(tensor.word((word + 1) * outputs + row)) << 32 }
                    let number = Int32(truncatingIfNeeded: wide >> shift & mask)
                    output[(row - rows.lowerBound) * inputs + input] =
                        scales[first + row] * Float(number - zeros[first + row])
                }
            }
        }
    }

    private func zeros(
        _ table: TensorTable, _ stem: String, groups: Int, outputs: Int
    ) throws(ConversionError) -> [Int32] {
        let words = outputs * bits / 32
        let tensor = try table.tensor(stem + ".qzeros", groups, words)
        guard tensor.isWords else { throw TensorTable.wrongShape(tensor, "32-bit words are needed") }
        let mask = UInt64(1) << UInt64(bits) - 1
        return (0..<groups * outputs).map { index in
            let (group, place) = (index / outputs, index % outputs * bits)
            var wide = UInt64(tensor.word(group * words + place / 32))
            if place % 32 + bits > 32 { wide |= UInt64(tensor.word(group * words + place / 32 + 1)) << 32 }
            return Int32(truncatingIfNeeded: wide >> UInt64(place % 32) & mask) + zeroShift
        }
    }

    /// The group of each input; without `g_idx` the groups follow each other.
    private func groupIndices(
        _ table: TensorTable, _ stem: String, inputs: Int, groups: Int
    ) throws(ConversionError) -> [Int] {
        let name = stem + ".g_idx"
        guard table[name] != nil else {
            let size = groupSize > 0 ? groupSize : inputs
            guard (inputs + size - 1) / size == groups else {
                throw ConversionError(
                    .malformed, "\(inputs) inputs in groups of \(size) are not \(groups) groups", at: "tensor \(stem)")
            }
            return (0..<inputs).map { $0 / size }
        }
        let tensor = try table.tensor(name, inputs)
        guard tensor.isWords else { throw TensorTable.wrongShape(tensor, "32-bit words are needed") }
        var indices: [Int] = []
        for input in 0..<inputs {
            let index = Int(Int32(bitPattern: tensor.word(input)))
            guard index >= 0, index < groups else {
                throw ConversionError(
                    .malformed, "group \(index) of input \(input) is none of \(groups)", at: "tensor \(name)")
            }
            indices.append(index)
        }
        return indices
    }
}
