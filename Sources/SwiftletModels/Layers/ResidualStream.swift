package import SwiftletTensors

/// The residual stream of a step between two layers: what the last layer adds to it is added when the next one reads it, in
/// the pass that norms it.
package struct ResidualStream {
    /// `[tokens, embeddingLength]`, without `addition`.
    package let x: FloatMatrix
    /// Where layers write what they add, of the same shape.
    package let delta: FloatMatrix
    /// What the last layer has left in `delta`; nil before the first.
    package var addition: ResidualAddition?

    package init(_ x: FloatMatrix, delta: FloatMatrix) { (self.x, self.delta) = (x, delta) }

    /// Norms of the whole stream in `output`, to be made when they are needed: making them makes the addition.
    package mutating func normed(_ norm: RMSNorm, into output: FloatMatrix, _ pass: ForwardPass) -> NormedRows {
        defer { addition = nil }
        return pass.compute.normed(x, norm.rows, after: addition, into: output)
    }

    /// Tells what is now in `delta`.
    package mutating func add(finish: RowFinish, norm: RMSNorm? = nil, scale: Float = 1) {
        addition = ResidualAddition(delta: delta, finish: finish, norm: norm?.rows, scale: scale)
    }
}

/// The rows that the last layer goes on with: those whose hidden states are wanted. Of the others it only stores keys and
/// values.
package struct LastRows {
    /// Over these rows alone.
    package let pass: ForwardPass
    package let stream: ResidualStream
    /// Their places among all rows, ascending.
    package let rows: [Int]

    /// Takes the rows out of a matrix of all rows.
    package func gather(_ all: FloatMatrix, into some: FloatMatrix) {
        for (target, source) in rows.enumerated() {
            some[row: target].update(from: all[row: source], count: all.columns)
        }
    }
}
