import Foundation

extension Compute {
    /// Turns the heads of `x` `[tokens, heads * headSize]` by each token's position, in place.
    package func rotate(
        _ x: FloatMatrix, heads: Int, headSize: Int, positions: UnsafeBufferPointer<Int32>, rope: RotaryTable
    ) {
        precondition(
            x.columns == heads * headSize && x.rows == positions.count && rope.dimensions <= headSize,
            "\(x.shape) as \(heads) heads of \(headSize) at \(positions.count) positions, \(rope.dimensions) turning")
        let pairs = rope.dimensions / 2
        let angles = rotations.angles(positions, rope)
        angles.withUnsafeBufferPointer { angles in
            guard let base = angles.baseAddress else { return }
            eachRow(x.rows, cost: x.columns * 2) { [kernels] row in
                let cosines = base + row * pairs * 2
                kernels.rotate(x[row: row], heads: heads, headSize: headSize, rope, cosines, cosines + pairs)
            }
        }
    }
}

/// Cosines and sines of the last few position lists: all layers of a step ask for the same ones.
final class RotationCache {
    private var entries: [(positions: [Int32], rope: RotaryTable, angles: [Float])] = []
    private var oldest = 0
    private static let capacity = 4

    /// `[tokens][cosines, sines]`, computed in double.
    func angles(_ positions: UnsafeBufferPointer<Int32>, _ rope: RotaryTable) -> [Float] {
        for entry in entries where entry.positions.count == positions.count {
            if entry.positions.elementsEqual(positions), entry.rope == rope { return entry.angles }
        }
        let pairs = rope.dimensions / 2
        var angles = [Float](repeating: 0, count: positions.count * rope.dimensions)
        for (row, position) in positions.enumerated() {
            for pair in 0..<pairs {
                let angle = Double(position) * rope.inverseFrequencies[pair]
                angles[row * pairs * 2 + pair] = Float(cos(angle)) * rope.magnitude
                angles[row * pairs * 2 + pairs + pair] = Float(sin(angle)) * rope.magnitude
            }
        }
        let entry = (positions: Array(positions), rope: rope, angles: angles)
        if entries.count < Self.capacity {
            entries.append(entry)
        } else {
            entries[oldest] = entry
            oldest = (oldest + 1) % Self.capacity
        }
        return angles
    }
}
