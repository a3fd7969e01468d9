import SwiftletGround
import SwiftletTensors

// Weights made of weights: by rows, so that nothing is held whole.
extension Weight {
    /// The outer index `i` of the result is `source(i)` of this weight.
    func outer(_ count: Int, _ source: @escaping @Sendable (Int) -> Int) -> Weight {
        var shape = shape
        shape[0] = count
        if shape.count == 1 {
            return Weight(shape: shape, type: type) { [self] (rows, output) throws(ConversionError) in
                guard !rows.isEmpty else { return }
                let all = try values()
                for index in 0..<count { output[index] = all[source(index)] }
            }
        }
        let inner = shape[1..<shape.count - 1].reduce(1, *)
        return gathered(shape) { row in source(row / inner) * inner + row % inner }
    }

    /// Some outer indices in a row: the gate part of a fused gate and up.
    func outer(_ range: Range<Int>) -> Weight {
        outer(range.count) { $0 + range.lowerBound }
    }

    /// The same range of the second dimension in each outer index: the gates of all experts.
    func second(_ range: Range<Int>) -> Weight {
        precondition(shape.count == 3 && range.upperBound <= shape[1], "\(range) in shape \(shape)")
        let (whole, part) = (shape[1], range.count)
        return gathered([shape[0], part, shape[2]]) { row in
            row / part * whole + range.lowerBound + row % part
        }
    }

    private func gathered(_ shape: [Int], _ source: @escaping @Sendable (Int) -> Int) -> Weight {
        let columns = columns
        return Weight(
            shape: shape, type: type,
            read: { [self] (rows, output) throws(ConversionError) in
                var next = rows.lowerBound
                while next < rows.upperBound {
                    let first = source(next)
                    var count = 1
                    while next + count < rows.upperBound, source(next + count) == first + count { count += 1 }
                    let start = (next - rows.lowerBound) * columns
                    let room = UnsafeMutableBufferPointer(rebasing: output[start..<start + count * columns])
                    try read(first..<first + count, room)
                    next += count
                }
            },
            release: { [self] rows in
                // What lies between the first and the last was or will be read with neighbours.
                guard var (low, high) = rows.first.map({ (source($0), source($0)) }) else { return }
                for row in rows { (low, high) = (min(low, source(row)), max(high, source(row))) }
                release(low..<high + 1)
            })
    }

    /// Weights of one shape as one with a new outer dimension: experts.
    static func stacked(_ parts: [Weight]) -> Weight {
        let (shape, rows, columns) = (parts[0].shape, parts[0].rows, parts[0].columns)
        let type = parts.allSatisfy { $0.type == parts[0].type } ? parts[0].type : .f32
        /// Calls `body(part, rows of it, place among the rows)` for each part that has some of the rows.
        @Sendable func each(
            _ range: Range<Int>, _ body: (Weight, Range<Int>, Int) throws(ConversionError) -> Void
        ) throws(ConversionError) {
            var next = range.lowerBound
            while next < range.upperBound {
                let part = next / rows
                let end = min(range.upperBound, (part + 1) * rows)
                try body(parts[part], next - part * rows..<end - part * rows, next - range.lowerBound)
                next = end
            }
        }
        return Weight(
            shape: [parts.count] + shape, type: type,
            read: { (range, output) throws(ConversionError) in
                try each(range) { (part, rows, place) throws(ConversionError) in
                    let elements = place * columns..<(place + rows.count) * columns
                    try part.read(rows, UnsafeMutableBufferPointer(rebasing: output[elements]))
                }
            },
            release: { range in
                try? each(range) { (part, rows, _) throws(ConversionError) in part.release(rows) }
            })
    }

    /// The weights below each other in the dimension before the last: gates and ups of experts fused, `[.., a + b,
    /// columns]`.
    static func fused(_ first: Weight, _ second: Weight) -> Weight {
        let (a, b) = (first.shape[first.shape.count - 2], second.shape[second.shape.count - 2])
        var shape = first.shape
        shape[shape.count - 2] = a + b
        let columns = first.columns
        let type = first.type == second.type ? first.type : .f32
        return Weight(
            shape: shape, type: type,
            read: { (rows, output) throws(ConversionError) in
                for row in rows {
                    let (block, place) = (row / (a + b), row % (a + b))
                    let start = (row - rows.lowerBound) * columns
                    let room = UnsafeMutableBufferPointer(rebasing: output[start..<start + columns])
                    if place < a {
                        try first.read(block * a + place..<block * a + place + 1, room)
                    } else {
                        try second.read(block * b + place - a..<block * b + place - a + 1, room)
                    }
                }
            },
            release: { rows in
                // All blocks that some of the rows are in; what was not read yet comes back when it is.
                let blocks = rows.lowerBound / (a + b)..<(rows.upperBound + a + b - 1) / (a + b)
                first.release(blocks.lowerBound * a..<blocks.upperBound * a)
                second.release(blocks.lowerBound * b..<blocks.upperBound * b)
            })
    }

    /// Each number plus `amount`; sums of half-precision numbers are rounded to half precision, as PyTorch does.
    func adding(_ amount: Float) -> Weight {
        let rounds = type == .f16
        return Weight(
            shape: shape, type: rounds ? .f16 : .f32,
            read: { [self] (rows, output) throws(ConversionError) in
                try read(rows, output)
                for index in output.indices {
                    let sum = output[index] + amount
                    output[index] = rounds ? float(half: halfBits(sum)) : sum
                }
            }, release: release)
    }

    /// Each number times `factor`.
    func scaled(by factor: Float) -> Weight {
        if factor == 1 { return self }
        return Weight(
            shape: shape, type: .f32,
            read: { [self] (rows, output) throws(ConversionError) in
                try read(rows, output)
                for index in output.indices { output[index] *= factor }
            }, release: release)
    }

    /// `[rows, columns]` turned round; small weights only, since it is read whole.
    func transposed() -> Weight {
        precondition(shape.count == 2, "a transposed \(shape)")
        let (height, width) = (shape[0], shape[1])
        return Weight(shape: [width, height], type: type) { [self] (rows, output) throws(ConversionError) in
            let all = try values()
            var next = 0
            for row in rows {
                for column in 0..<height {
                    output[next] = all[column * width + row]
                    next += 1
                }
            }
        }
    }

    /// The query or key rows of `heads` heads from the order of Hugging Face, where RoPE turns elements that lie half a
    /// head apart, to the order where it turns neighbours (the reference's `LlamaModel.permute`).
    func neighbouringPairs(heads: Int) -> Weight {
        let size = shape[0] / heads
        return outer(shape[0]) { row in
            let place = row % size
            return row - place + place % 2 * (size / 2) + place / 2
        }
    }

    /// The way back of `neighbouringPairs`.
    func halfPairs(heads: Int) -> Weight {
        let size = shape[0] / heads
        return outer(shape[0]) { row in
            let place = row % size
            return row - place + place % (size / 2) * 2 + place / (size / 2)
        }
    }
}
