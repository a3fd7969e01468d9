import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// Weights of one byte with scales beside them: FP8 and INT8 as DeepSeek, Qwen, compressed-tensors and ModelOpt store
/// them.
///
/// The scales' shape says whether there is one for the tensor, one a row, or one a block. A weight is number * scale,
/// or (number - zero) * scale where there are zero points.
struct ScaledWeights: WeightDecoder {
    private let blockSize: [Int]?

    init(_ settings: JSONObject) throws(ConversionError) {
        let weights = settings["config_groups"]?.object?.first?.value["weights"]
        let listed = settings["weight_block_size"] ?? weights?["block_structure"]
        blockSize = listed?.array?.compactMap(\.integer)
        if let blockSize, blockSize.count != 2 || !blockSize.allSatisfy({ (1...1 << 20).contains($0) }) {
            throw ConversionError(
                .malformed, "\(blockSize) is no size of blocks", at: "config.json, quantization_config")
        }
        let format = settings["format"]?.string ?? "float-quantized"
        guard ["float-quantized", "int-quantized", "naive-quantized", "dense"].contains(format) else {
            throw ConversionError(
                .unsupported, "compressed-tensors of format \"\(format)\" are not converted",
                at: "config.json, quantization_config.format",
                advice: "Swiftlet reads pack-quantized, int-quantized, naive-quantized and float-quantized")
        }
    }

    var keepsPlaces: Bool { true }
    var partEndings: [String] {
        [
            ".weight_scale", ".weight_scale_inv", ".qscale_weight", ".weight_zero_point", ".input_scale",
            ".activation_scale", "_activation_scale", ".qscale_act", ".k_scale", ".v_scale", ".output_scale",
            ".input_zero_point", ".weight_shape", ".input_scale_ub",
        ]
    }

    func weightName(_ tensor: SafetensorsTensor, _ table: TensorTable) -> String? {
        scale(tensor, table) == nil ? nil : tensor.name
    }

    private func scale(_ tensor: SafetensorsTensor, _ table: TensorTable) -> SafetensorsTensor? {
        guard tensor.name.hasSuffix(".weight"), tensor.type.bits == 8 else { return nil }
        return table[tensor.name + "_scale_inv"] ?? table[tensor.name + "_scale"]
            ?? table[tensor.name.dropLast("weight".count) + "qscale_weight"]
    }

    func decoded(
        _ name: String, _ tensor: SafetensorsTensor, _ table: TensorTable
    ) throws(ConversionError) -> Weight {
        guard let scale = scale(tensor, table), tensor.shape.count >= 2, tensor.elementCount > 0 else {
            throw TensorTable.wrongShape(tensor, "a matrix with scales is needed")
        }
        let grid = try Grid(scale, for: tensor, blockSize)
        let scales = try table.floats(scale.name)
        let zeroName = tensor.name + "_zero_point"
        let zeros = table[zeroName] == nil ? nil : try table.floats(zeroName)
        guard zeros == nil || zeros?.count == scales.count else {
            throw TensorTable.wrongShape(try table.tensor(zeroName), "\(scale.shape) is needed")
        }
        let whole = Weight(tensor)
        return Weight(shape: tensor.shape, type: .f32) { (rows, output) throws(ConversionError) in
            try whole.read(rows, output)
            for row in rows {
                let start = (row - rows.lowerBound) * whole.columns
                for column in 0..<whole.columns {
                    let place = grid.index(row: row, column: column)
                    let number = output[start + column] - (zeros?[place] ?? 0)
                    output[start + column] = number * scales[place]
                }
            }
        }
    }

    /// Which scale counts for which place: blocks of rows and columns.
    private struct Grid: Sendable {
        let rows: Int
        let columns: Int
        let perRow: Int

        /// Throws if the scales' shape does not cover the tensor's.
        init(_ scale: SafetensorsTensor, for tensor: SafetensorsTensor, _ blockSize: [Int]?) throws(ConversionError) {
            let (height, width) = (tensor.shape.dropLast().reduce(1, *), tensor.shape.last ?? 1)
            let shape = scale.shape
            if scale.elementCount == 1 {
                (rows, columns, perRow) = (max(height, 1), max(width, 1), 1)
            } else if scale.elementCount == height, shape.count == 1 || shape.last == 1 {
                (rows, columns, perRow) = (1, max(width, 1), 1)
            } else if shape.count == 2, tensor.shape.count == 2, shape[0] > 0, shape[1] > 0 {
                rows = blockSize?[0] ?? (height + shape[0] - 1) / shape[0]
                columns = blockSize?[1] ?? (width + shape[1] - 1) / shape[1]
                perRow = shape[1]
                guard (height + rows - 1) / rows == shape[0], (width + columns - 1) / columns == shape[1] else {
                    throw TensorTable.wrongShape(
                        scale, "the weight is \(tensor.shape), in blocks of \(rows) x \(columns)")
                }
            } else {
                throw TensorTable.wrongShape(scale, "the weight is \(tensor.shape)")
            }
        }

        @inline(__always) func index(row: Int, column: Int) -> Int { row / rows * perRow + column / columns }
    }
}
