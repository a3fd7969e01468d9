import SwiftletTensors

/// A small deterministic generator (SplitMix64).
struct Dice: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Roughly normal: a sum of four uniform numbers.
    mutating func normal() -> Float {
        (0..<4).reduce(0) { sum, _ in sum + Float.random(in: -1...1, using: &self) }
    }
}

/// Rows of floats with memory of their own; `padding` floats lie between rows and must stay as they are.
struct Matrix {
    let buffer: AlignedBuffer
    let view: FloatMatrix

    init(_ rows: Int, _ columns: Int, padding: Int = 0, fill: (Int, Int) -> Float = { _, _ in 0 }) {
        buffer = AlignedBuffer(count: rows * (columns + padding) + 1, of: Float.self)
        let base = buffer.elements(Float.self).baseAddress!
        view = FloatMatrix(base: base, rows: rows, columns: columns, stride: columns + padding)
        for row in 0..<rows {
            for column in 0..<columns { view[row: row][column] = fill(row, column) }
        }
    }

    static func random(_ rows: Int, _ columns: Int, _ dice: inout Dice, padding: Int = 0) -> Matrix {
        let matrix = Matrix(rows, columns, padding: padding)
        for row in 0..<rows {
            // Now and then an outlier, as activations have.
            for column in 0..<columns { matrix.view[row: row][column] = dice.normal() * (column % 37 == 5 ? 20 : 1) }
        }
        return matrix
    }

    subscript(row: Int, column: Int) -> Float { view[row: row][column] }
    var bits: [UInt32] {
        withExtendedLifetime(buffer) {
            (0..<view.rows).flatMap { row in (0..<view.columns).map { self[row, $0].bitPattern } }
        }
    }
}

/// Weights of random bits, with scales of sensible size.
struct RandomWeight {
    let tensor: TensorView

    init(_ type: ElementType, rows: Int, columns: Int, _ dice: inout Dice) {
        let count = rows * columns / type.blockSize, size = type.blockBytes
        let buffer = AlignedBuffer(byteCount: count * size)
        let bytes = buffer.bytes
        for index in bytes.indices { bytes[index] = UInt8.random(in: 0...255, using: &dice) }
        func half(_ value: Float, at offset: Int) {
            bytes.storeBytes(of: Float16(value).bitPattern, toByteOffset: offset, as: UInt16.self)
        }
        for block in 0..<count {
            let at = block * size, scale = abs(dice.normal()) * 0.01 + 0.0001
            switch type {
            case .f32: bytes.storeBytes(of: dice.normal(), toByteOffset: at, as: Float.self)
            case .f16: half(dice.normal(), at: at)
            case .bf16:
                bytes.storeBytes(
                    of: UInt16(dice.normal().bitPattern >> 16), toByteOffset: at, as: UInt16.self)
            case .q4_0, .q5_0, .q8_0, .iq4_NL, .iq4_XS: half(scale, at: at)
            case .q4_1, .q5_1, .q4_K, .q5_K:
                half(scale, at: at)
                half(dice.normal() * 0.05, at: at + 2)
            case .q2_K:
                half(scale, at: at + 80)
                half(scale * 0.7, at: at + 82)
            case .q3_K: half(scale, at: at + 108)
            case .q6_K: half(scale, at: at + 208)
            case .mxfp4: bytes[at] = UInt8.random(in: 115...125, using: &dice)
            default: preconditionFailure("no kernel for \(type)")
            }
        }
        tensor = try! TensorView(
            name: "\(type)", shape: [rows, columns], type: type, bytes: UnsafeRawBufferPointer(bytes), owner: buffer)
    }

    static let types: [ElementType] = [
        .f32, .f16, .bf16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_NL, .iq4_XS,
        .mxfp4,
    ]
    static let floats: Set<ElementType> = [.f32, .f16, .bf16]

    /// The weights as floats, by the scalar kernels.
    func decoded() -> [[Float]] {
        let compute = Compute(threads: 1, instructionSet: .scalar)
        let output = Matrix(tensor.rows, tensor.columns)
        let ids = (0..<Int32(tensor.rows)).map { $0 }
        ids.withUnsafeBufferPointer { compute.embed($0, table: tensor, into: output.view) }
        return (0..<tensor.rows).map { row in (0..<tensor.columns).map { output[row, $0] } }
    }
}
