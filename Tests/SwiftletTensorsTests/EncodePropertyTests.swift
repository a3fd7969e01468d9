import Foundation
import SwiftletTensors
import Testing

/// What holds for every encoder: equal bytes from all instruction sets and threads, errors within bounds, and the odd inputs.
/// That the bytes are the reference's is EncodeTests' part.
@Suite struct EncodePropertyTests {
    static let columns = 768
    static let rows = 7

    /// Rows of many kinds; none has whole batches of sixteen blocks. Where squares of numbers overflow, the reference gives up
    /// on the IQ formats, and nothing is the same any more.
    static let kinds: [(name: String, make: @Sendable (inout Dice) -> Float)] = [
        ("normal", { $0.normal() * 0.02 }),
        ("outliers", { dice in dice.normal() * (Int.random(in: 0..<50, using: &dice) == 0 ? 40 : 1) }),
        ("sparse", { dice in Int.random(in: 0..<10, using: &dice) == 0 ? dice.normal() : 0 }),
        ("ternary", { dice in Float(Int.random(in: -1...1, using: &dice)) * 0.37 }),
        ("whole", { dice in Float(Int.random(in: -8...8, using: &dice)) }),
        ("positive", { abs($0.normal()) }),
        ("negative", { -abs($0.normal()) - 0.5 }),
        ("zeros", { dice in Bool.random(using: &dice) ? 0 : -0.0 }),
        ("constant", { _ in 0.731 }),
        ("small", { $0.normal() * 0x1p-30 }),
        ("subnormal", { $0.normal() * 0x1p-140 }),
        ("large", { $0.normal() * 0x1p20 }),
        ("huge", { $0.normal() * 0x1p50 }),
    ]

    static func numbers(_ kind: String, _ seed: UInt64) -> [Float] {
        guard let kind = kinds.first(where: { $0.name == kind }) else { preconditionFailure("no \(kind)") }
        var dice = Dice(seed)
        // Some groups of zeros in each: blocks and groups begin at every multiple of 16.
        return (0..<rows * columns).map { i in
            let x = kind.make(&dice)
            return i / 32 % 11 == 3 ? 0 : x
        }
    }

    static let importance: [Float] = {
        var dice = Dice(7)
        return (0..<columns).map { i in i % 29 == 4 ? 0 : abs(dice.normal()) * (i % 37 == 5 ? 300 : 1) }
    }()

    static let suitable = EncodeTests.encoders.filter { columns % $0.type.blockSize == 0 }

    @Test(arguments: kinds.map(\.name)) func everyInstructionSetGivesTheBytesOfSwift(kind: String) {
        let rows = Self.numbers(kind, 1)
        for format in Self.suitable {
            for importance in [nil, Self.importance] where importance != nil || !format.requiresImportance {
                let expected = EncodeTests.encode(format, rows, columns: Self.columns, importance, set: nil)
                for set in InstructionSet.available {
                    let bytes = EncodeTests.encode(format, rows, columns: Self.columns, importance, set: set)
                    #expect(
                        bytes == expected,
                        "\(format.name), \(kind), \(set), \(importance == nil ? "plain" : "with importance")")
                }
            }
        }
    }

    @Test func rowsAreIndependentOfTheirCallAndThread() {
        let rows = Self.numbers("outliers", 2)
        for format in Self.suitable {
            let whole = EncodeTests.encode(format, rows, columns: Self.columns, Self.importance)
            let parts = Parts(count: Self.rows)
            DispatchQueue.concurrentPerform(iterations: Self.rows) { row in
                let part = Array(rows[row * Self.columns..<(row + 1) * Self.columns])
                parts.set(row, EncodeTests.encode(format, part, columns: Self.columns, Self.importance))
            }
            #expect(parts.joined() == whole, "\(format.name)")
        }
    }

    /// Bytes that several threads write, each its own part.
    final class Parts: @unchecked Sendable {
        // Sendable: the lock guards the array.
        private let lock = NSLock()
        private var parts: [[UInt8]]
        init(count: Int) { parts = Array(repeating: [], count: count) }
        func set(_ index: Int, _ bytes: [UInt8]) { lock.withLock { parts[index] = bytes } }
        func joined() -> [UInt8] { lock.withLock { Array(parts.joined()) } }
    }

    /// Root mean square errors of normally distributed numbers relative to theirs, a little above what each format reaches.
    static let bounds: [ElementType: Float] = [
        .f32: 0, .f16: 3e-4, .bf16: 2e-3, .q8_0: 6e-3, .q5_0: 0.05, .q5_1: 0.045, .q4_0: 0.1, .q4_1: 0.09,
        .q6_K: 0.022, .q5_K: 0.042, .q4_K: 0.085, .q3_K: 0.19, .q2_K: 0.36, .iq4_NL: 0.085, .iq4_XS: 0.085,
        .iq3_S: 0.17, .iq3_XXS: 0.22, .iq2_S: 0.3, .iq2_XS: 0.33, .iq2_XXS: 0.4, .iq1_M: 0.6, .iq1_S: 0.55,
        .mxfp4: 0.14, .nvfp4: 0.11, .tq1_0: 0.8, .tq2_0: 0.8, .q2_0: 0.72, .q1_0: 0.62,
    ]

    @Test func errorsStayWithinTheFormatsBound() throws {
        var dice = Dice(3)
        let rows = (0..<Self.rows * Self.columns).map { _ in dice.normal() * 0.02 }
        let ones = [Float](repeating: 1, count: Self.columns)
        for format in Self.suitable {
            let bytes = EncodeTests.encode(format, rows, columns: Self.columns, format.requiresImportance ? ones : nil)
            let decoded = FormatTests.decode(format, Data(bytes))
            let error = zip(rows, decoded).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            let relative = (error / rows.reduce(0) { $0 + $1 * $1 }).squareRoot()
            let bound = try #require(Self.bounds[format.type], "no bound for \(format.name)")
            #expect(relative <= bound && relative >= bound / 1.6, "\(format.name): \(relative), bound \(bound)")
        }
    }

    @Test func eachNumberOfASimpleFormatIsWithinHalfAStep() {
        let rows = Self.numbers("outliers", 4)
        for (type, steps) in [(ElementType.q8_0, Float(127)), (.q4_1, 15), (.q5_1, 31)] {
            let format = FormatCatalog.encoder(of: type)!
            let decoded = FormatTests.decode(format, Data(EncodeTests.encode(format, rows, columns: Self.columns)))
            for start in stride(from: 0, to: rows.count, by: 32) {
                let block = rows[start..<start + 32]
                let range = type == .q8_0 ? block.map(abs).max()! : block.max()! - block.min()!
                // Half a step, and the scale's and minimum's rounding to 11 bits.
                let bound = range / steps / 2 + range * 0x1p-11 + abs(block.min()!) * 0x1p-11
                for i in block.indices { #expect(abs(rows[i] - decoded[i]) <= bound, "\(type.name) at \(i)") }
            }
        }
    }

    /// Where the largest number keeps its code, and the scale follows from it alone.
    @Test(arguments: [
        ElementType.f32, .f16, .bf16, .q8_0, .q4_0, .q5_0, .q4_1, .q5_1, .q1_0, .q2_0, .tq1_0, .tq2_0, .mxfp4, .nvfp4,
    ])
    func encodingAgainChangesNothing(type: ElementType) throws {
        let format = try #require(FormatCatalog.encoder(of: type))
        for kind in ["normal", "outliers", "ternary", "sparse"] {
            let once = EncodeTests.encode(format, Self.numbers(kind, 5), columns: Self.columns)
            let twice = EncodeTests.encode(format, FormatTests.decode(format, Data(once)), columns: Self.columns)
            #expect(once == twice, "\(type.name), \(kind)")
        }
    }

    @Test func zerosStayZeros() {
        let rows = Self.numbers("zeros", 6)
        for format in Self.suitable {
            let decoded = FormatTests.decode(
                format, Data(EncodeTests.encode(format, rows, columns: Self.columns, Self.importance)))
            #expect(decoded.allSatisfy { $0 == 0 }, "\(format.name)")
        }
    }

    @Test func whatIsFiniteStaysFinite() {
        // Numbers that do not matter at all may come out as anything: here all matter.
        let ones = [Float](repeating: 1, count: Self.columns)
        for kind in ["constant", "small", "subnormal", "outliers"] {
            let rows = Self.numbers(kind, 8)
            let largest = rows.map(abs).max()!
            for format in Self.suitable {
                let decoded = FormatTests.decode(
                    format, Data(EncodeTests.encode(format, rows, columns: Self.columns, ones)))
                // A few times the largest, which ternary formats reach, and what the smallest half-precision scale comes to.
                let bound = 4 * largest + 0x1p-24 * 256
                #expect(decoded.allSatisfy { abs($0) <= bound }, "\(format.name), \(kind)")
            }
        }
    }

    @Test func theFirstNumberThatIsNotFiniteIsFound() {
        var numbers = [Float](repeating: 3e38, count: 1000)
        #expect(numbers.withUnsafeBufferPointer(\.firstNotFinite) == nil)
        for (position, value) in [(999, Float.nan), (700, -.infinity), (256, .signalingNaN), (0, .infinity)] {
            numbers[position] = value
            #expect(numbers.withUnsafeBufferPointer(\.firstNotFinite) == position)
        }
        #expect(UnsafeBufferPointer<Float>(start: nil, count: 0).firstNotFinite == nil)
    }

    @Test func everyHalfAndBfloatRoundsToNearestEven() {
        for bits in UInt16.min..<UInt16.max {
            let (half, bfloat) = (float(half: bits), float(bfloat: bits))
            if !half.isNaN { #expect(halfBits(half) == bits) }
            if !bfloat.isNaN { #expect(bfloatBits(bfloat) == bits) }
            // In the middle between neighbours the even one wins, and the least step off it decides.
            let next = float(half: bits + 1)
            guard half.isFinite, next.isFinite else { continue }
            let middle = (half + next) / 2
            let up = bits & 0x8000 == 0
            #expect(halfBits(middle) == (bits % 2 == 0 ? bits : bits + 1))
            #expect(halfBits(up ? middle.nextUp : middle.nextDown) == bits + 1)
        }
        #expect(halfBits(65519.99) == 0x7BFF && halfBits(65520) == 0x7C00 && halfBits(-3e38) == 0xFC00)
        #expect(halfBits(.nan) == 0x7E00 && bfloatBits(.nan) == 0x7FC0)
    }

    /// The reference takes the exponent from a logarithm in single precision, which rounds up just below powers of two.
    @Test func mxfp4TakesTheReferencesExponent() throws {
        let format = try #require(FormatCatalog.encoder(of: .mxfp4))
        for (largest, exponent) in [
            (Float(1), 125), (Float(1).nextDown, 124), (Float(4).nextDown, 126), (Float(8).nextDown, 128),
            (Float(0x1p40).nextDown, 165), (Float(0x1p-100).nextDown, 25), (Float(0x1p-100), 25),
        ] as [(Float, UInt8)] {
            var row = [Float](repeating: 0, count: 32)
            row[9] = -largest
            #expect(EncodeTests.encode(format, row, columns: 32)[0] == exponent, "\(largest)")
        }
    }

    /// Formats with half-precision scales cannot hold all that Float can; NVFP4 bounds its scales, F32 and BF16 hold all.
    @Test func numbersTooLargeForAFormatAreFound() throws {
        let ones = [Float](repeating: 1, count: Self.columns)
        for format in Self.suitable {
            var rows = (0..<2 * Self.columns).map { Float($0 % 17) - 8 }
            let whole = EncodeTests.encode(format, rows, columns: Self.columns, ones)
            #expect(whole.withUnsafeBytes(format.firstBrokenBlock) == nil, "\(format.name)")
            rows[Self.columns + 5] = 3e9
            let bytes = EncodeTests.encode(format, rows, columns: Self.columns, ones)
            let isHeld = [.f32, .bf16, .mxfp4, .nvfp4].contains(format.type)
            let block = (Self.columns + 5) / format.type.blockSize
            #expect(bytes.withUnsafeBytes(format.firstBrokenBlock) == (isHeld ? nil : block), "\(format.name)")
        }
        for (type, bytes) in [
            (ElementType.f32, [0, 0, 0, 0, 0, 0, 0xC0, 0x7F]), (.bf16, [0x80, 0x3F, 0x80, 0xFF]),
            (.mxfp4, [UInt8](repeating: 7, count: 17) + [UInt8](repeating: 255, count: 17)),
        ] as [(ElementType, [UInt8])] {
            let format = try #require(FormatCatalog.encoder(of: type))
            #expect(bytes.withUnsafeBytes(format.firstBrokenBlock) == 1, "\(type.name)")
        }
    }
}
