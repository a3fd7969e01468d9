import Foundation
import SwiftletTensors
import Testing

/// Operations on rows: against double arithmetic, and equal bits on all instruction sets.
@Suite struct OperationRowTests {
    static let widths = [1, 15, 16, 17, 64, 576, 1000]

    /// Runs an operation on every instruction set and returns the scalar result after comparing bits.
    private static func everywhere(_ rows: Int, _ columns: Int, _ body: (Compute, FloatMatrix) -> Void) -> Matrix {
        let results = InstructionSet.available.map { set in
            let output = Matrix(rows, columns, padding: 2)
            body(Compute(threads: 2, instructionSet: set), output.view)
            return output
        }
        for result in results { #expect(result.bits == results[0].bits) }
        return results[0]
    }

    private static func closest(_ found: Float, _ expected: Double, relative: Double, _ text: String) {
        #expect(abs(Double(found) - expected) <= abs(expected) * relative + 1e-37, "\(text): \(found) for \(expected)")
    }

    @Test(arguments: widths)
    func norms(columns: Int) {
        var dice = Dice(21)
        let x = Matrix.random(3, columns, &dice, padding: 1), w = Matrix.random(2, columns, &dice)
        let weight = UnsafePointer(w.view[row: 0]), bias = UnsafePointer(w.view[row: 1])
        let rms = Self.everywhere(3, columns) { $0.rmsNorm(x.view, weight: weight, epsilon: 1e-5, into: $1) }
        let plain = Self.everywhere(3, columns) { $0.rmsNorm(x.view, weight: nil, epsilon: 1e-5, into: $1) }
        let layer = Self.everywhere(3, columns) {
            $0.layerNorm(x.view, weight: weight, bias: bias, epsilon: 1e-5, into: $1)
        }
        for row in 0..<3 {
            let values = (0..<columns).map { Double(x[row, $0]) }
            let mean = values.reduce(0, +) / Double(columns)
            let square = values.reduce(0) { $0 + $1 * $1 } / Double(columns)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
            for column in 0..<columns {
                let scaled = values[column] / (square + 1e-5).squareRoot()
                Self.closest(plain[row, column], scaled, relative: 1e-6, "rms without weight")
                Self.closest(rms[row, column], scaled * Double(w[0, column]), relative: 1e-6, "rms")
                let centred = (values[column] - mean) / (variance + 1e-5).squareRoot()
                let expected = centred * Double(w[0, column]) + Double(w[1, column])
                #expect(abs(Double(layer[row, column]) - expected) < 1e-4, "layer norm")
            }
        }
        withExtendedLifetime((x, w)) {}
    }

    @Test(arguments: widths)
    func softmaxIsADistribution(columns: Int) {
        var dice = Dice(22)
        let x = Matrix.random(2, columns, &dice)
        let result = Self.everywhere(2, columns) { compute, output in
            compute.add(x.view, to: output)
            compute.softmax(output)
        }
        for row in 0..<2 {
            let values = (0..<columns).map { Double(x[row, $0]) }, top = values.max() ?? 0
            let sum = values.reduce(0) { $0 + exp($1 - top) }
            for column in 0..<columns {
                Self.closest(result[row, column], exp(values[column] - top) / sum, relative: 1e-5, "softmax")
            }
        }
    }

    /// Errors in units of the last place (2^-24 of the value, or of 2^-126 for smaller ones); the measured worst cases.
    @Test(arguments: [
        (Activation.silu, 4.0), (.geluTanh, 200), (.gelu, 700), (.geluQuick, 120), (.sigmoid, 4), (.tanh, 4),
        (.relu, 0),
        (.reluSquared, 1), (.identity, 0),
    ])
    func activations(activation: Activation, ulps: Double) {
        func expected(_ x: Double) -> Double {
            switch activation {
            case .silu: x / (1 + exp(-x))
            case .geluTanh: x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
            case .gelu: x / 2 * erfc(-x / 2.0.squareRoot())
            case .geluQuick: x / (1 + exp(-1.702 * x))
            case .relu: max(x, 0)
            case .reluSquared: max(x, 0) * max(x, 0)
            case .sigmoid: 1 / (1 + exp(-x))
            case .tanh: tanh(x)
            case .identity: x
            }
        }
        let inputs = (-4000...4000).map { Float($0) / 800 } + [0, -0.0, 1e-30, -1e-30, 88, -80]
        let x = Matrix(1, inputs.count) { inputs[$1] }
        let result = Self.everywhere(1, inputs.count) { $0.activate(x.view, activation, into: $1) }
        var worst = 0.0
        for (index, input) in inputs.enumerated() {
            let exact = expected(Double(input)), unit = max(abs(exact), 0x1p-102) * 0x1p-24
            // The erf and tanh forms lose relative accuracy in the negative tail; there the value itself is tiny.
            let slack = activation == .gelu || activation == .geluTanh ? 1e-7 : 0
            worst = max(worst, (abs(Double(result[0, index]) - exact) - slack) / unit)
        }
        #expect(worst <= ulps, "\(activation): \(worst)")
    }

    @Test func extremesOfActivations() {
        let inputs: [Float] = [.infinity, -.infinity, .nan, 1000, -1000, 3e38, -3e38]
        let x = Matrix(1, inputs.count) { inputs[$1] }
        let result = Self.everywhere(1, inputs.count) { $0.activate(x.view, .sigmoid, into: $1) }
        #expect(result[0, 0] == 1 && result[0, 1] == 0 && result[0, 2].isNaN && result[0, 3] == 1 && result[0, 4] == 0)
        let tanh = Self.everywhere(1, inputs.count) { $0.activate(x.view, .tanh, into: $1) }
        #expect(tanh[0, 0] == 1 && tanh[0, 1] == -1 && tanh[0, 2].isNaN && tanh[0, 6] == -1)
    }

    @Test(arguments: widths)
    func elementwise(columns: Int) {
        var dice = Dice(23)
        let x = Matrix.random(3, columns, &dice), y = Matrix.random(3, columns, &dice)
        let sum = Self.everywhere(3, columns) { compute, output in
            compute.add(x.view, to: output)
            compute.add(y.view, to: output, scale: 0.5)
            compute.addBias(y.view[row: 0], to: output)
            compute.scale(output, by: -2)
        }
        let capped = Self.everywhere(3, columns) { compute, output in
            compute.add(x.view, to: output)
            compute.softcap(output, cap: 30)
        }
        let gated = Self.everywhere(3, columns) { $0.gate(x.view, y.view, activation: .silu, into: $1) }
        for row in 0..<3 {
            for column in 0..<columns {
                let a = Double(x[row, column]), b = Double(y[row, column])
                #expect(abs(Double(sum[row, column]) + 2 * (a + b / 2 + Double(y[0, column]))) < 1e-4)
                Self.closest(capped[row, column], 30 * tanh(a / 30), relative: 1e-6, "softcap")
                Self.closest(gated[row, column], a / (1 + exp(-a)) * b, relative: 1e-6, "gate")
            }
        }
        withExtendedLifetime((x, y)) {}
    }

    @Test(arguments: [RotaryTable.Style.interleaved, .halves], [8, 12])
    func rotation(style: RotaryTable.Style, dimensions: Int) {
        var dice = Dice(24)
        let heads = 3, headSize = 12, positions: [Int32] = [0, 1, 77, 4095, 131_071]
        let frequencies = (0..<dimensions / 2).map { pow(10_000, -2 * Double($0) / Double(dimensions)) }
        let rope = RotaryTable(style: style, dimensions: dimensions, inverseFrequencies: frequencies, magnitude: 1.5)
        let x = Matrix.random(positions.count, heads * headSize, &dice)
        let result = Self.everywhere(positions.count, heads * headSize) { compute, output in
            compute.add(x.view, to: output)
            positions.withUnsafeBufferPointer {
                compute.rotate(output, heads: heads, headSize: headSize, positions: $0, rope: rope)
            }
        }
        for (row, position) in positions.enumerated() {
            for head in 0..<heads {
                var expected = (0..<headSize).map { Double(x[row, head * headSize + $0]) }
                for pair in 0..<dimensions / 2 {
                    let a = style == .halves ? pair : pair * 2, b = style == .halves ? pair + dimensions / 2 : a + 1
                    let angle = Double(position) * frequencies[pair], (p, q) = (expected[a], expected[b])
                    expected[a] = 1.5 * (p * cos(angle) - q * sin(angle))
                    expected[b] = 1.5 * (p * sin(angle) + q * cos(angle))
                }
                for index in 0..<headSize {
                    #expect(abs(Double(result[row, head * headSize + index]) - expected[index]) < 1e-5)
                }
            }
        }
    }

    /// What a cache holds is what the formats' decoders say: F16 to nearest even, Q8_0 as in files; keys have cells side by
    /// side, values the elements of a head.
    @Test(arguments: KeyValuePages.types, [128, 256])
    func cacheCells(type: ElementType, perPage: Int) {
        var dice = Dice(25)
        let heads = 2, size = 64, columns = heads * size, block = KeyValuePages.positionsPerBlock
        let cells: [Int32] = [5, 0, 300, 127, 128, 1]
        let keys = Matrix.random(cells.count, columns, &dice), values = Matrix.random(cells.count, columns, &dice)
        let bytes = KeyValuePages.keyBytes(type, kvHeads: heads, headSize: size, positions: perPage)
        #expect(bytes == type.bytes(elements: perPage * columns))
        for set in InstructionSet.available {
            let pages = (0..<2).map { _ in (0..<3).map { _ in AlignedBuffer(byteCount: bytes) } }
            let view = KeyValuePages(
                type: type, kvHeads: heads, headSize: size, valueHeadSize: size, positionsPerPage: perPage,
                keyPages: pages[0].map { $0.bytes.baseAddress! }, valuePages: pages[1].map { $0.bytes.baseAddress! })
            cells.withUnsafeBufferPointer {
                Compute(threads: 2, instructionSet: set).store(
                    keys: keys.view, values: values.view, cells: $0, into: view)
            }
            for (row, number) in cells.enumerated() {
                for (part, matrix) in [keys, values].enumerated() {
                    let position = Int(number) % perPage, cell = position % block
                    let page = pages[part][Int(number) / perPage]
                    for column in 0..<columns {
                        let (head, element) = column.quotientAndRemainder(dividingBy: size)
                        // The block's first byte, and which of its elements this is.
                        let start = type.bytes(elements: (head * perPage + position - cell) * size)
                        let index = part == 0 ? element * block + cell : cell * size + element
                        let memory = UnsafeRawBufferPointer(page.bytes)
                        let value = matrix[row, column]
                        switch type {
                        case .f32:
                            #expect(memory.loadUnaligned(fromByteOffset: start + index * 4, as: Float.self) == value)
                        case .f16:
                            let half = memory.loadUnaligned(fromByteOffset: start + index * 2, as: Float16.self)
                            #expect(half == Float16(value))
                        default:
                            let from = head * size + element / 32 * 32
                            let largest = (from..<from + 32).map { abs(matrix[row, $0]) }.max() ?? 0
                            let scale = memory.loadUnaligned(
                                fromByteOffset: start + (element / 32 * block + cell) * 2, as: Float16.self)
                            let byte = memory.loadUnaligned(
                                fromByteOffset: start + size / 32 * block * 2 + index, as: Int8.self)
                            #expect(scale == Float16(largest / 127))
                            #expect(abs(Float(scale) * Float(byte) - value) <= largest / 254 * 1.1)
                        }
                    }
                }
            }
        }
    }

    @Test func halvesOfAllSizes() {
        // Every bit pattern of the top 16 bits of a float, and its neighbours.
        var inputs: [Float] = []
        for high in 0...UInt32(0xffff) {
            for low: UInt32 in [0, 0x1000, 0xfff, 0x1001] { inputs.append(Float(bitPattern: high << 16 | low)) }
        }
        // Values of one head lie as they come: `[cells, 128]`.
        let columns = 128, rows = inputs.count / columns
        let x = Matrix(rows, columns) { inputs[$0 * columns + $1] }
        let page = AlignedBuffer(byteCount: inputs.count * 2), other = AlignedBuffer(byteCount: inputs.count * 2)
        let pages = KeyValuePages(
            type: .f16, kvHeads: 1, headSize: columns, valueHeadSize: columns, positionsPerPage: rows,
            keyPages: [other.bytes.baseAddress!], valuePages: [page.bytes.baseAddress!])
        let cells = (0..<rows).map { Int32($0) }
        cells.withUnsafeBufferPointer {
            Compute(threads: 1).store(keys: x.view, values: x.view, cells: $0, into: pages)
        }
        let halves = page.elements(UInt16.self)
        for (index, input) in inputs.enumerated() where !input.isNaN {
            guard halves[index] != Float16(input).bitPattern else { continue }
            Issue.record("\(input) became \(halves[index])")
        }
        for (index, input) in inputs.enumerated() where input.isNaN {
            guard !Float16(bitPattern: halves[index]).isNaN else { continue }
            Issue.record("NaN became \(halves[index])")
        }
        withExtendedLifetime((x, page, other)) {}
    }
}
