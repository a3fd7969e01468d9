import Crypto
import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

/// The work of tools/dither.py (beside the repository), which makes an unquantized-looking model out of a quantized one:
/// every weight spread evenly over the rounding interval that it came from, as F16. Same bytes for the same seed.
enum DitheredModel {
    /// Quantization levels less one, and the elements that share a step, for the types that the test's model has.
    private static let levels: [ElementType: (levels: Float, block: Int)] = [
        .q4_0: (15, 32), .q4_1: (15, 32), .q5_0: (31, 32), .q5_1: (31, 32), .q8_0: (254, 32), .q6_K: (63, 16),
    ]

    static func write(_ source: URL, to url: URL) throws {
        let file = try GGUFFile(source)
        var metadata = file.metadata
        metadata["general.file_type"] = .uint32(1)
        var writer = try GGUFWriter(metadata: metadata)
        for tensor in file.tensors {
            try writer.add(
                tensor.name, type: levels[tensor.type] == nil ? tensor.type : .f16, dimensions: tensor.dimensions)
        }
        var random = NumpyGenerator.seedOne
        try writer.write(to: url) { tensor, write in
            guard let view = file.tensor(named: tensor.name) else { throw CocoaError(.fileReadCorruptFile) }
            guard let (levels, block) = levels[view.type] else { return try write(view.bytes) }
            var values = view.decoded()
            for start in stride(from: 0, to: values.count, by: block) {
                let range = start..<start + block
                let step = ((values[range].max() ?? 0) - (values[range].min() ?? 0)) / levels
                for index in range { values[index] += step * Float(-0.5 + random.nextDouble()) }
            }
            try values.map { Float16($0).bitPattern }.withUnsafeBytes { try write($0) }
        }
    }

    static func hash(of url: URL) throws -> String {
        try SHA256.hash(data: Data(contentsOf: url, options: .alwaysMapped))
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// numpy.random.default_rng(1): PCG64 (O'Neill, HMC-CS-2014-0905), XSL-RR output.
private struct NumpyGenerator {
    private var state: UInt128
    private let increment: UInt128

    /// `numpy.random.default_rng(1).bit_generator.state`
    static let seedOne = NumpyGenerator(
        state: 207_833_532_711_051_698_738_587_646_355_624_148_094,
        increment: 194_290_289_479_364_712_180_083_596_243_593_368_443)

    private init(state: UInt128, increment: UInt128) { (self.state, self.increment) = (state, increment) }

    /// Evenly from 0 to 1, 53 bits.
    mutating func nextDouble() -> Double {
        state = state &* 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645 &+ increment
        let mixed = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
        let turn = UInt64(truncatingIfNeeded: state >> 122)
        let bits = mixed >> turn | mixed << ((64 - turn) & 63)
        return Double(bits >> 11) * 0x1p-53
    }
}
