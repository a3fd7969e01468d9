import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// compressed-tensors' format "pack-quantized": whole numbers of `bits` bits, `32 / bits` in a word.
///
/// `weight_packed` `[outputs, words]`, `weight_scale` `[outputs, groups]`, `weight_shape` `[2]`; with zero points
/// `weight_zero_point`, packed along the outputs `[words, groups]`, else numbers are offset by half their range; with
/// act-order `weight_g_idx` `[inputs]`. A weight is (number - zero) * scale.
struct CompressedTensors: WeightDecoder {
    private let bits: Int
    private let groupSize: Int?

    static func isPacked(_ settings: JSONObject) throws(ConversionError) -> Bool {
        settings["format"]?.string == "pack-quantized"
    }

    init(_ settings: JSONObject) throws(ConversionError) {
        let groups = settings["config_groups"]?.object ?? JSONObject()
        guard groups.count == 1, let weights = groups.first?.value["weights"]?.object else {
            throw ConversionError(
                .unsupported, "compressed-tensors with \(groups.count) groups of settings are not converted",
                at: "config.json, quantization_config.config_groups")
        }
        guard weights["type"]?.string ?? "int" == "int" else {
            throw ConversionError(
                .unsupported, "packed floats are not converted", at: "config.json, quantization_config.config_groups")
        }
        bits = try weights.quantization("num_bits", in: 2...8)
        let size = try weights.quantization("group_size", in: -1...1 << 24, default: -1)
        groupSize = size > 0 ? size : nil
    }

    var keepsPlaces: Bool { false }
    var partEndings: [String] {
        [".weight_packed", ".weight_scale", ".weight_shape", ".weight_zero_point", ".weight_g_idx", ".input_scale"]
    }

    func weightName(_ tensor: SafetensorsTensor, _ table: TensorTable) -> String? {
        tensor.name.hasSuffix(".weight_packed") ? String(tensor.name.dropLast("_packed".count)) : nil
    }

    func decoded(
        _ name: String, _ tensor: SafetensorsTensor, _ table: TensorTable
    ) throws(ConversionError) -> Weight {
        let shape = try table.floats(name + "_shape").map { Int(exactly: $0) ?? -1 }
        guard shape.count == 2, shape.allSatisfy({ (1...1 << 28).contains($0) }) else {
            throw TensorTable.wrongShape(try table.tensor(name + "_shape"), "two sizes are needed")
        }
        let (outputs, inputs, perWord, bits) = (shape[0], shape[1], 32 / bits, bits)
        let words = (inputs + perWord - 1) / perWord
        guard tensor.isWords, tensor.shape == [outputs, words] else {
            throw TensorTable.wrongShape(tensor, "[\(outputs), \(words)] of 32-bit words is needed")
        }
        let scales = try table.floats(name + "_scale")
        let groups = scales.count / outputs
        guard groups > 0, groups * outputs == scales.count else {
            throw TensorTable.wrongShape(try table.tensor(name + "_scale"), "[\(outputs), groups] is needed")
        }
        let group = try groupIndices(table, name, inputs: inputs, groups: groups)
        let zeros = try zeros(table, name, outputs: outputs, groups: groups)
        let mask = UInt32(1) << UInt32(bits) - 1
        return Weight(shape: shape, type: .f32) { (rows, output) throws(ConversionError) in
            for row in rows {
                let start = (row - rows.lowerBound) * inputs
                for input in 0..<inputs {
                    let word = tensor.word(row * words + input / perWord)
                    let number = Int32(word >> UInt32(input % perWord * bits) & mask)
                    let place = row * groups + group[input]
                    output[start + input] = Float(number - zeros[place]) * scales[place]
                }
            }
        }
    }

    private func zeros(
        _ table: TensorTable, _ name: String, outputs: Int, groups: Int
    ) throws(ConversionError) -> [Int32] {
        let half = Int32(1) << Int32(bits - 1)
        guard let found = table[name + "_zero_point"] else {
            return [Int32](repeating: half, count: outputs * groups)
        }
        let perWord = 32 / bits
        let tensor = try table.tensor(found.name, (outputs + perWord - 1) / perWord, groups)
        guard tensor.isWords else { throw TensorTable.wrongShape(tensor, "32-bit words are needed") }
        let mask = UInt32(1) << UInt32(bits) - 1
        return (0..<outputs * groups).map { index in
            let (output, group) = (index / groups, index % groups)
            let word = tensor.word(output / perWord * groups + group)
            return Int32(word >> UInt32(output % perWord * bits) & mask)
        }
    }

    private func groupIndices(
        _ table: TensorTable, _ name: String, inputs: Int, groups: Int
    ) throws(ConversionError) -> [Int] {
        let size = groupSize ?? (inputs + groups - 1) / groups
        guard let found = table[name + "_g_idx"] else {
            guard (inputs + size - 1) / size == groups else {
                throw ConversionError(
                    .malformed, "\(inputs) inputs in groups of \(size) are not \(groups) groups", at: "tensor \(name)")
            }
            return (0..<inputs).map { $0 / size }
        }
        let indices = try table.floats(found.name).map { Int(exactly: $0) ?? -1 }
        guard indices.count == inputs, indices.allSatisfy({ $0 >= 0 && $0 < groups }) else {
            throw TensorTable.wrongShape(found, "\(inputs) numbers below \(groups) are needed")
        }
        return indices
    }
}
