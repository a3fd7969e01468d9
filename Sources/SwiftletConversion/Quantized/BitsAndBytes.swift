import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// bitsandbytes: 4 bits with a table of 16 numbers (NF4, FP4; arXiv:2305.14314) and 8 bits with a scale a row
/// (LLM.int8, arXiv:2208.07339).
struct BitsAndBytes: WeightDecoder {
    private static let statePrefix = ".quant_state.bitsandbytes__"

    var keepsPlaces: Bool { true }
    var partEndings: [String] {
        [
            ".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map", "__nf4", "__fp4", ".SCB", ".weight_format",
        ]
    }

    func weightName(_ tensor: SafetensorsTensor, _ table: TensorTable) -> String? {
        guard tensor.name.hasSuffix(".weight") else { return nil }
        return state(tensor.name, table) != nil || isEightBit(tensor, table) ? tensor.name : nil
    }

    private func state(_ name: String, _ table: TensorTable) -> SafetensorsTensor? {
        table[name + Self.statePrefix + "nf4"] ?? table[name + Self.statePrefix + "fp4"]
    }

    private func isEightBit(_ tensor: SafetensorsTensor, _ table: TensorTable) -> Bool {
        tensor.type == .i8 && table[scaleName(tensor)] != nil
    }

    private func scaleName(_ tensor: SafetensorsTensor) -> String { tensor.name.dropLast("weight".count) + "SCB" }

    func decoded(
        _ name: String, _ tensor: SafetensorsTensor, _ table: TensorTable
    ) throws(ConversionError) -> Weight {
        guard let state = state(name, table) else { return try eightBits(tensor, table) }
        let settings: JSONValue
        do {
            settings = try JSONValue(parsing: state.bytes)
        } catch {
            throw ConversionError(error, .malformed).within("tensor \(state.name)")
        }
        let shape = settings["shape"]?.array?.compactMap(\.integer) ?? []
        guard let blockSize = settings["blocksize"]?.integer, (1...1 << 20).contains(blockSize), shape.count == 2,
            shape.allSatisfy({ (1...1 << 28).contains($0) }), tensor.type == .u8,
            shape[0] * shape[1] == tensor.elementCount * 2
        else {
            throw TensorTable.wrongShape(tensor, "its state says blocks of \(settings["blocksize"] ?? 0), \(shape)")
        }
        let numbers = try table.floats(name + ".quant_map")
        let scales = try scales(name, settings, count: (shape[0] * shape[1] + blockSize - 1) / blockSize, table)
        guard numbers.count == 16 else {
            throw TensorTable.wrongShape(try table.tensor(name + ".quant_map"), "[16] is needed")
        }
        let columns = shape[1]
        return Weight(shape: shape, type: .f32) { (rows, output) throws(ConversionError) in
            let first = rows.lowerBound * columns
            for place in 0..<rows.count * columns {
                let index = first + place
                // The first of two lies in the high bits.
                let number = tensor.bytes[index / 2] >> (index % 2 == 0 ? 4 : 0) & 15
                output[place] = numbers[Int(number)] * scales[index / blockSize]
            }
        }
    }

    /// A scale a block; doubly quantized ones are bytes that point into a table, with scales and an offset of their
    /// own.
    private func scales(
        _ name: String, _ settings: JSONValue, count: Int, _ table: TensorTable
    ) throws(ConversionError) -> [Float] {
        let tensor = try table.tensor(name + ".absmax", count)
        guard tensor.type == .u8 else { return try table.floats(name + ".absmax") }
        let numbers = try table.floats(name + ".nested_quant_map")
        let outer = try table.floats(name + ".nested_absmax")
        guard let size = settings["nested_blocksize"]?.integer, (1...1 << 20).contains(size),
            let offset = settings["nested_offset"]?.number, numbers.count == 256,
            outer.count == (count + size - 1) / size
        else { throw TensorTable.wrongShape(tensor, "its state does not go with it: \(settings.text().prefix(200))") }
        return (0..<count).map { numbers[Int(tensor.bytes[$0])] * outer[$0 / size] + Float(offset) }
    }

    private func eightBits(_ tensor: SafetensorsTensor, _ table: TensorTable) throws(ConversionError) -> Weight {
        let scales = try table.floats(scaleName(tensor))
        guard tensor.shape.count == 2, scales.count == tensor.shape[0] else {
            throw TensorTable.wrongShape(tensor, "its \(scales.count) scales are for as many rows")
        }
        let whole = Weight(tensor)
        return Weight(shape: tensor.shape, type: .f32) { (rows, output) throws(ConversionError) in
            try whole.read(rows, output)
            for row in rows {
                for index in (row - rows.lowerBound) * whole.columns..<(row - rows.lowerBound + 1) * whole.columns {
                    // 1 / 127 as bitsandbytes has it.
                    output[index] = output[index] * scales[row] * 7.874015718698502e-3
                }
            }
        }
    }
}
