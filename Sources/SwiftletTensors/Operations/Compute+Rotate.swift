import Foundation

/// Projected rows `[tokens, heads * headSize]` and what is still to be done to them before attention.
package struct ProjectedHeads {
    package let x: FloatMatrix
    let heads: Int
    let headSize: Int
    let finish: RowFinish
    /// Norms each head by itself (Qwen3, Gemma 3).
    let norm: RowNorm?

    package init(_ x: FloatMatrix, heads: Int, finish: RowFinish = RowFinish(), norm: RowNorm? = nil) {
        precondition(heads > 0 && x.columns % heads == 0, "\(x.shape) as \(heads) heads")
        (self.x, self.heads, self.finish, self.norm) = (x, heads, finish, norm)
        headSize = x.columns / heads
    }

    @inline(__always)
    fileprivate func prepare(_ row: Int, _ kernels: KernelTable) {
        finish.apply(to: x[row: row], x.columns, kernels)
        guard let norm else { return }
        for head in 0..<heads {
            let place = x[row: row] + head * headSize
            kernels.rmsNorm(place, norm.weight, norm.epsilon, headSize, into: place)
        }
    }
}

extension Compute {
    /// Turns the heads of `x` `[tokens, heads * headSize]` by each token's position, in place.
    package func rotate(
        _ x: FloatMatrix, heads: Int, headSize: Int, positions: UnsafeBufferPointer<Int32>, rope: RotaryTable
    ) {
        precondition(x.columns == heads * headSize, "\(x.shape) as \(heads) heads of \(headSize)")
        prepare(queries: ProjectedHeads(x, heads: heads), keys: nil, values: nil, positions: positions, rope: rope)
    }

    /// Finishes projections, norms heads, and turns queries and keys by each token's position (unless `rope` is nil): all
    /// that is between a projection and attention, in one parallel part and in place.
    package func prepare(
        queries: ProjectedHeads?, keys: ProjectedHeads?, values: ProjectedHeads?,
        positions: UnsafeBufferPointer<Int32>, rope: RotaryTable?
    ) {
        var cost = 0
        if let queries { cost += checked(queries, positions.count, turning: rope?.dimensions ?? 0) }
        if let keys { cost += checked(keys, positions.count, turning: rope?.dimensions ?? 0) }
        if let values { cost += checked(values, positions.count, turning: 0) }
        let turn = rope.map { rope in
            HeadRows.Turn(
                dimensions: rope.dimensions, halves: rope.style == .halves,
                angles: rotations.angles(positions, rope, self))
        }
        eachRow(
            positions.count, cost: cost,
            HeadRows(kernels: kernels, queries: queries, keys: keys, values: values, turn: turn))
    }

    /// Floats that a row's preparation touches.
    private func checked(_ heads: ProjectedHeads, _ count: Int, turning dimensions: Int) -> Int {
        precondition(
            heads.x.rows == count && dimensions <= heads.headSize,
            "\(heads.x.shape) as heads of \(heads.headSize) at \(count) positions, \(dimensions) turning")
        return heads.x.columns * 2
    }
}

private struct HeadRows: RowWork {
    struct Turn {
        let dimensions: Int
        let halves: Bool
        /// `[tokens][cosines, sines]`
        let angles: UnsafePointer<Float>
    }

    let kernels: KernelTable
    let queries, keys, values: ProjectedHeads?
    let turn: Turn?

    func callAsFunction(row: Int) {
        if let queries { turned(queries, row) }
        if let keys { turned(keys, row) }
        values?.prepare(row, kernels)
    }

    private func turned(_ heads: ProjectedHeads, _ row: Int) {
        heads.prepare(row, kernels)
        guard let turn else { return }
        let cosines = turn.angles + row * turn.dimensions
        kernels.rotate(
            heads.x[row: row], heads: heads.heads, headSize: heads.headSize, dimensions: turn.dimensions,
            halves: turn.halves, cosines, cosines + turn.dimensions / 2)
    }
}

/// Cosines and sines of the last few position lists: all layers of a step ask for the same ones.
final class RotationCache {
    private struct Entry {
        var positions: [Int32] = []
        var rope: RotaryTable?
        var angles = AlignedBuffer(byteCount: 0)
    }

    private var entries = [Entry](repeating: Entry(), count: 4)
    private var oldest = 0

    /// `[tokens][cosines, sines]`, computed in double; valid until the fourth call from now with other positions.
    func angles(
        _ positions: UnsafeBufferPointer<Int32>, _ rope: RotaryTable, _ compute: Compute
    ) -> UnsafePointer<Float> {
        let index = entries.firstIndex { $0.rope == rope && $0.positions.elementsEqual(positions) }
        if let index { return UnsafePointer(Self.floats(entries[index].angles)) }
        let bytes = max(positions.count * rope.dimensions * MemoryLayout<Float>.stride, 1)
        if entries[oldest].angles.bytes.count < bytes {
            entries[oldest].angles = AlignedBuffer(byteCount: bytes)
        }
        entries[oldest].rope = rope
        entries[oldest].positions.removeAll(keepingCapacity: true)
        entries[oldest].positions.append(contentsOf: positions)
        let angles = Self.floats(entries[oldest].angles)
        oldest = (oldest + 1) % entries.count
        rope.inverseFrequencies.withUnsafeBufferPointer { frequencies in
            let rows = AngleRows(positions: positions, frequencies: frequencies, magnitude: rope.magnitude, to: angles)
            // A cosine and a sine take as long as some forty floats.
            compute.eachRow(positions.count, cost: rope.dimensions * 40, rows)
        }
        return UnsafePointer(angles)
    }

    private static func floats(_ buffer: AlignedBuffer) -> UnsafeMutablePointer<Float> {
        guard let base = buffer.elements(Float.self).baseAddress else { preconditionFailure("an empty buffer") }
        return base
    }
}

private struct AngleRows: RowWork {
    let positions: UnsafeBufferPointer<Int32>
    let frequencies: UnsafeBufferPointer<Double>
    let magnitude: Float
    let to: UnsafeMutablePointer<Float>

    func callAsFunction(row: Int) {
        let (pairs, position) = (frequencies.count, Double(positions[row]))
        let cosines = to + row * pairs * 2
        for pair in 0..<pairs {
            let angle = position * frequencies[pair]
            cosines[pair] = Float(cos(angle)) * magnitude
            cosines[pairs + pair] = Float(sin(angle)) * magnitude
        }
    }
}
