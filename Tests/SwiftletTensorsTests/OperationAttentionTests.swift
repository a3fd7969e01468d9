import Foundation
import SwiftletTensors
import Testing

/// A cache of random keys and values in pages, and what its cells hold.
private struct Cache {
    let pages: KeyValuePages
    let keys: Matrix
    let values: Matrix
    let buffers: [AlignedBuffer]

    init(
        _ type: ElementType, cells: Int, perPage: Int, kvHeads: Int, headSize: Int, valueHeadSize: Int,
        _ dice: inout Dice
    ) {
        let count = (cells + perPage - 1) / perPage
        let keyBytes = KeyValuePages.keyBytes(type, kvHeads: kvHeads, headSize: headSize, positions: perPage)
        let valueBytes = KeyValuePages.valueBytes(type, kvHeads: kvHeads, headSize: valueHeadSize, positions: perPage)
        // Memory that no one wrote is NaN, so that reading it shows.
        func page(_ bytes: Int) -> AlignedBuffer {
            let buffer = AlignedBuffer(byteCount: bytes)
            for index in buffer.bytes.indices { buffer.bytes[index] = 0xff }
            return buffer
        }
        let keyPages = (0..<count).map { _ in page(keyBytes) }, valuePages = (0..<count).map { _ in page(valueBytes) }
        buffers = keyPages + valuePages
        pages = KeyValuePages(
            type: type, kvHeads: kvHeads, headSize: headSize, valueHeadSize: valueHeadSize, positionsPerPage: perPage,
            keyPages: keyPages.map { $0.bytes.baseAddress! }, valuePages: valuePages.map { $0.bytes.baseAddress! })
        // Numbers that all cache types hold exactly: multiples of 1/16 with a block maximum of 127/16.
        func exact(_ columns: Int) -> Matrix {
            Matrix(cells, columns) { _, column in
                column % 32 == 0 ? 127 / 16 : Float(Int.random(in: -40...40, using: &dice)) / 16
            }
        }
        keys = exact(kvHeads * headSize)
        values = exact(kvHeads * valueHeadSize)
        let numbers = (0..<Int32(cells)).map { $0 }
        let compute = Compute(threads: 1)
        numbers.withUnsafeBufferPointer {
            compute.store(keys: keys.view, values: values.view, cells: $0, into: pages)
        }
    }
}

@Suite struct OperationAttentionTests {
    struct Shape: Sendable {
        var heads = 4, kvHeads = 2, headSize = 32, valueHeadSize = 32, softcap: Float = 0, window = 1000, sinks = false
        var perPage = 128
    }

    static let shapes = [
        Shape(), Shape(heads: 3, kvHeads: 3, headSize: 64, valueHeadSize: 64), Shape(heads: 9, kvHeads: 3),
        Shape(heads: 16, kvHeads: 1, headSize: 96, valueHeadSize: 64), Shape(softcap: 5), Shape(window: 7),
        Shape(window: 40, sinks: true), Shape(window: 130), Shape(perPage: 256),
        Shape(headSize: 512, valueHeadSize: 256),
        Shape(heads: 12, headSize: 128, valueHeadSize: 128), Shape(heads: 130, kvHeads: 1),
    ]
    /// Heads that are no whole number of vectors, or of quantized blocks.
    static let oddShapes = [
        Shape(headSize: 40, valueHeadSize: 24), Shape(heads: 5, kvHeads: 1, headSize: 80, valueHeadSize: 80),
        Shape(headSize: 72, valueHeadSize: 136),
    ]

    private static func run(
        _ shape: Shape, _ cache: Cache, _ q: Matrix, ranges: [Range<Int>], sinks: [Float], threads: Int = 1,
        set: InstructionSet = .best, batch: Int = 1000
    ) -> Matrix {
        let output = Matrix(q.view.rows, shape.heads * shape.valueHeadSize)
        let compute = Compute(threads: threads, instructionSet: set)
        sinks.withUnsafeBufferPointer { sinks in
            let parameters = AttentionParameters(
                heads: shape.heads, kvHeads: shape.kvHeads, headSize: shape.headSize,
                valueHeadSize: shape.valueHeadSize, scale: 0.11, softcap: shape.softcap,
                sinks: shape.sinks ? sinks.baseAddress : nil)
            for first in stride(from: 0, to: q.view.rows, by: batch) {
                let rows = first..<min(first + batch, q.view.rows)
                let segment = AttentionSegment(pages: cache.pages, queryRows: rows, ranges: Array(ranges[rows]))
                compute.attention(q.view, segments: [segment], parameters: parameters, into: output.view)
            }
        }
        return withExtendedLifetime((cache.buffers, q.buffer)) { output }
    }

    @Test(arguments: shapes, KeyValuePages.types)
    func agreesWithSoftmaxInDouble(shape: Shape, type: ElementType) { Self.compare(shape, type) }

    @Test(arguments: oddShapes, [ElementType.f32, .f16])
    func headsOfOddSizesAgreeWithSoftmaxInDouble(shape: Shape, type: ElementType) { Self.compare(shape, type) }

    private static func compare(_ shape: Shape, _ type: ElementType) {
        var dice = Dice(11)
        let tokens = 37, past = 110, cells = past + tokens
        let cache = Cache(
            type, cells: cells, perPage: shape.perPage, kvHeads: shape.kvHeads, headSize: shape.headSize,
            valueHeadSize: shape.valueHeadSize, &dice)
        let q = Matrix.random(tokens, shape.heads * shape.headSize, &dice)
        let sinks = (0..<shape.heads).map { _ in dice.normal() }
        let ranges = (0..<tokens).map { max(0, past + $0 + 1 - shape.window)..<past + $0 + 1 }
        let output = run(shape, cache, q, ranges: ranges, sinks: sinks)
        for token in 0..<tokens {
            for head in 0..<shape.heads {
                let kv = head / (shape.heads / shape.kvHeads)
                var scores = ranges[token].map { cell in
                    var dot = 0.0
                    for k in 0..<shape.headSize {
                        dot +=
                            Double(q[token, head * shape.headSize + k])
                            * Double(cache.keys[cell, kv * shape.headSize + k])
                    }
                    let score = dot * 0.11, cap = Double(shape.softcap)
                    return cap == 0 ? score : cap * tanh(score / cap)
                }
                if shape.sinks { scores.append(Double(sinks[head])) }
                let top = scores.max() ?? 0, weights = scores.map { exp($0 - top) }, sum = weights.reduce(0, +)
                for v in 0..<shape.valueHeadSize {
                    var expected = 0.0
                    for (index, cell) in ranges[token].enumerated() {
                        expected += weights[index] / sum * Double(cache.values[cell, kv * shape.valueHeadSize + v])
                    }
                    // Scores reach some hundreds, so their last bits move the weights by about 1e-5.
                    let found = Double(output[token, head * shape.valueHeadSize + v])
                    #expect(abs(found - expected) < 3e-4, "token \(token) head \(head): \(found) for \(expected)")
                }
            }
        }
    }

    @Test(arguments: shapes, KeyValuePages.types)
    func bitsDependNeitherOnBatchThreadsPagesNorInstructionSet(shape: Shape, type: ElementType) {
        let tokens = 21, past = 250
        var results: [[UInt32]] = []
        for perPage in [shape.perPage, 384] {
            var dice = Dice(12)
            let cache = Cache(
                type, cells: past + tokens, perPage: perPage, kvHeads: shape.kvHeads, headSize: shape.headSize,
                valueHeadSize: shape.valueHeadSize, &dice)
            let q = Matrix.random(tokens, shape.heads * shape.headSize, &dice)
            let sinks = (0..<shape.heads).map { _ in dice.normal() }
            let ranges = (0..<tokens).map { max(0, past + $0 + 1 - shape.window)..<past + $0 + 1 }
            // The scalar kernels are slow: a few shapes are enough for them.
            for set in InstructionSet.available where set != .scalar || shape.heads * shape.headSize < 512 {
                results.append(Self.run(shape, cache, q, ranges: ranges, sinks: sinks, set: set).bits)
            }
            for (threads, batch) in [(1, 1), (2, 1), (3, 2), (8, 4), (1, 7), (2, 64)] {
                results.append(
                    Self.run(shape, cache, q, ranges: ranges, sinks: sinks, threads: threads, batch: batch).bits)
            }
        }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    /// One row over many cells is shared out by cells; the bits are those of one thread that does all.
    @Test(arguments: KeyValuePages.types, [0, 300])
    func longContextsAreSharedOutToTheSameBits(type: ElementType, window: Int) {
        var dice = Dice(14)
        let shape = Shape(heads: 9, kvHeads: 3, headSize: 64, valueHeadSize: 32), cells = 1500
        let cache = Cache(type, cells: cells, perPage: 256, kvHeads: 3, headSize: 64, valueHeadSize: 32, &dice)
        let q = Matrix.random(4, 9 * 64, &dice)
        let ranges = [1490, 1200, 1024, 1500].map { end in (window > 0 ? end - window : 0)..<end }
        let whole = Self.run(shape, cache, q, ranges: ranges, sinks: [], threads: 1)
        for threads in [2, 3, 8] {
            for batch in [1, 3, 4] {
                let shared = Self.run(shape, cache, q, ranges: ranges, sinks: [], threads: threads, batch: batch)
                #expect(shared.bits == whole.bits, "\(threads) threads, \(batch) rows at a time")
            }
        }
    }

    /// An encoder's keys and values, as they are, give what an F32 cache of them gives.
    @Test(arguments: oddShapes + [Shape(), Shape(heads: 12, kvHeads: 12)])
    func rowsAsComputedEqualAnF32Cache(shape: Shape) {
        var dice = Dice(15)
        let cells = 150
        let cache = Cache(
            .f32, cells: cells, perPage: 256, kvHeads: shape.kvHeads, headSize: shape.headSize,
            valueHeadSize: shape.valueHeadSize, &dice)
        let q = Matrix.random(cells, shape.heads * shape.headSize, &dice)
        let ranges = (0..<cells).map { _ in 0..<cells }
        let cached = Self.run(shape, cache, q, ranges: ranges, sinks: [])
        // Both in one matrix each, wider than the heads, so that rows have a stride.
        let width = max(cache.keys.view.columns, cache.values.view.columns) + 5
        func widened(_ rows: Matrix) -> Matrix {
            Matrix(cells, width) { $1 < rows.view.columns ? rows[$0, $1] : .nan }
        }
        let keys = widened(cache.keys), values = widened(cache.values)
        let pages = KeyValuePages(
            keys: keys.view.columns(0..<cache.keys.view.columns),
            values: values.view.columns(0..<cache.values.view.columns), kvHeads: shape.kvHeads)
        let output = Matrix(cells, shape.heads * shape.valueHeadSize)
        Compute(threads: 2).attention(
            q.view, segments: [AttentionSegment(pages: pages, queryRows: 0..<cells, ranges: ranges)],
            parameters: AttentionParameters(
                heads: shape.heads, kvHeads: shape.kvHeads, headSize: shape.headSize,
                valueHeadSize: shape.valueHeadSize, scale: 0.11), into: output.view)
        #expect(output.bits == cached.bits)
        withExtendedLifetime((keys.buffer, values.buffer)) {}
    }

    @Test func rowsThatSeeNothingBecomeZeros() {
        var dice = Dice(13)
        let shape = Shape()
        let cache = Cache(.f16, cells: 8, perPage: 128, kvHeads: 2, headSize: 32, valueHeadSize: 32, &dice)
        let q = Matrix.random(3, 4 * 32, &dice)
        let output = Self.run(shape, cache, q, ranges: [0..<0, 2..<5, 8..<8], sinks: [])
        #expect((0..<128).allSatisfy { output[0, $0] == 0 && output[2, $0] == 0 })
        #expect((0..<128).contains { output[1, $0] != 0 })
    }
}
