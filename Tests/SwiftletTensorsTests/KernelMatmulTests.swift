import SwiftletTensors
import Testing

@Suite struct KernelMatmulTests {
    private static func product(
        _ x: Matrix, _ weight: RandomWeight, threads: Int = 1, set: InstructionSet, padding: Int = 0
    ) -> [UInt32] {
        let compute = Compute(threads: threads, instructionSet: set)
        let output = Matrix(x.view.rows, weight.tensor.rows, padding: padding)
        compute.matmul(x.view, weight.tensor, into: output.view)
        return withExtendedLifetime(x.buffer) { output.bits }
    }

    /// Columns that a type can have, with last chunks of all sizes.
    private static func columns(_ type: ElementType) -> [Int] {
        let floats = RandomWeight.floats.contains(type) ? [4, 36, 100, 4116] : []
        return (floats + [32, 64, 256, 288, 576, 1536]).filter { $0 % type.blockSize == 0 }
    }

    @Test(arguments: RandomWeight.types)
    func allInstructionSetsGiveTheScalarBits(type: ElementType) {
        var dice = Dice(1)
        for columns in Self.columns(type) {
            for (rows, tokens) in [
                (1, 1), (16, 2), (6, 3), (3, 5), (18, 6), (17, 7), (40, 8), (33, 9), (5, 64), (50, 52),
            ]
            where columns <= 576 || tokens < 9 || (tokens == 52 && type == .bf16) {
                let weight = RandomWeight(type, rows: rows, columns: columns, &dice)
                let x = Matrix.random(tokens, columns, &dice, padding: 3)
                let expected = Self.product(x, weight, set: .scalar)
                for set in InstructionSet.available where set != .scalar {
                    #expect(
                        Self.product(x, weight, set: set, padding: 5) == expected,
                        "\(type) \(set) [\(tokens), \(columns)] x [\(rows), \(columns)]")
                }
            }
        }
    }

    @Test(arguments: RandomWeight.types)
    func aRowDependsNeitherOnItsBatchNorOnThreads(type: ElementType) {
        var dice = Dice(2)
        let columns = max(type.blockSize, 32) * 3, rows = 83, tokens = 64
        let weight = RandomWeight(type, rows: rows, columns: columns, &dice)
        let x = Matrix.random(tokens, columns, &dice)
        let all = Self.product(x, weight, set: .best)
        for threads in 1...3 {
            for batch in [1, 2, 5, 7, 8, 9, 50, 64] {
                let compute = Compute(threads: threads)
                let output = Matrix(tokens, rows)
                for first in stride(from: 0, to: tokens, by: batch) {
                    let range = first..<min(first + batch, tokens)
                    compute.matmul(x.view.rows(range), weight.tensor, into: output.view.rows(range))
                }
                #expect(output.bits == all, "\(type), \(threads) threads, batches of \(batch)")
            }
        }
        withExtendedLifetime(x.buffer) {}
    }

    /// Against double arithmetic. Quantized activations err by half a step an element: a step is at most the block's max|x|
    /// over 63.5 and an eighth of the largest of its span of 256; activations rounded to BF16 by a part in 2^9 each; float
    /// sums by a few roundings of the sum of magnitudes.
    @Test(arguments: RandomWeight.types)
    func staysWithinTheDerivedBoundOfADoubleDotProduct(type: ElementType) {
        var dice = Dice(3)
        for columns in Self.columns(type) {
            let rows = 19, tokens = 3
            let weight = RandomWeight(type, rows: rows, columns: columns, &dice)
            let x = Matrix.random(tokens, columns, &dice)
            let decoded = weight.decoded()
            let compute = Compute(threads: 1)
            let output = Matrix(tokens, rows)
            compute.matmul(x.view, weight.tensor, into: output.view)
            for token in 0..<tokens {
                for row in 0..<rows {
                    var exact = 0.0, magnitude = 0.0, bound = 0.0
                    for column in 0..<columns {
                        let w = Double(decoded[row][column])
                        exact += w * Double(x[token, column])
                        magnitude += abs(w * Double(x[token, column]))
                        if !RandomWeight.floats.contains(type) {
                            let block = column / 32 * 32, span = column / 256 * 256
                            let largest = (block..<block + 32).map { abs(x[token, $0]) }.max() ?? 0
                            let most = (span..<min(span + 256, columns)).map { abs(x[token, $0]) }.max() ?? 0
                            bound += abs(w) * Double(max(largest / 127, most / 8 / 254)) * 1.001
                        }
                    }
                    // The sums of s * q and of m are larger than their difference.
                    bound += magnitude * (type == .bf16 ? 0x1.01p-9 : 0x1p-19)
                    let error = abs(Double(output[token, row]) - exact)
                    #expect(error <= bound, "\(type) \(columns): \(output[token, row]) for \(exact), bound \(bound)")
                }
            }
        }
    }

    @Test func severalWeightsShareOneInput() {
        var dice = Dice(4)
        let x = Matrix.random(5, 256, &dice)
        let weights = [ElementType.q4_K, .q6_K, .f16, .q8_0].map { RandomWeight($0, rows: 48, columns: 256, &dice) }
        let output = Matrix(5, 48 * weights.count)
        let compute = Compute(threads: 2)
        compute.matmul(x.view, weights.map(\.tensor), into: output.view)
        for (index, weight) in weights.enumerated() {
            let part = (0..<5).flatMap { row in (0..<48).map { output[row, index * 48 + $0].bitPattern } }
            #expect(part == Self.product(x, weight, set: .best))
        }
    }

    @Test func nonFiniteActivationsStayVisible() {
        var dice = Dice(5)
        for value in [Float.nan, .infinity, -.infinity] {
            let weight = RandomWeight(.q4_1, rows: 16, columns: 64, &dice)
            let x = Matrix.random(2, 64, &dice)
            x.view[row: 1][40] = value
            for set in InstructionSet.available {
                let output = Matrix(2, 16)
                Compute(threads: 1, instructionSet: set).matmul(x.view, weight.tensor, into: output.view)
                #expect((0..<16).allSatisfy { output[0, $0].isFinite && output[1, $0].isNaN })
            }
        }
    }

    @Test(arguments: [ElementType.q4_K, .bf16])
    func exactArithmeticIsTheDotProductOfDecodedWeights(type: ElementType) {
        var dice = Dice(6)
        let weight = RandomWeight(type, rows: 20, columns: 512, &dice)
        let x = Matrix.random(3, 512, &dice)
        let output = Matrix(3, 20)
        let scalar = Compute(threads: 1, instructionSet: .scalar)
        Compute(threads: 2, arithmetic: .exact).matmul(x.view, weight.tensor, into: output.view)
        let floats = Matrix(20, 512)
        let ids = (0..<Int32(20)).map { $0 }
        ids.withUnsafeBufferPointer { scalar.embed($0, table: weight.tensor, into: floats.view) }
        let bytes = UnsafeRawBufferPointer(start: floats.view.base, count: 20 * 512 * 4)
        let tensor = try! TensorView(name: "f", shape: [20, 512], type: .f32, bytes: bytes, owner: floats.buffer)
        let expected = Matrix(3, 20)
        scalar.matmul(x.view, tensor, into: expected.view)
        #expect(output.bits == expected.bits)
    }
}
