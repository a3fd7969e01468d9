/// Fills rows of an operation's input just before they are read, in the same parallel part: what would be a pass over memory
/// of its own is done while the rows are in the first cache level.
package protocol RowMaker {
    /// Fills these rows; several threads call it for different ones.
    func make(_ rows: Range<Int>)

    /// Floats that making one row touches, for the decision whether threads pay.
    var cost: Int { get }
}

/// Rows that are there already.
package struct RowsAsTheyAre: RowMaker {
    package init() {}

    package func make(_ rows: Range<Int>) {}
    package var cost: Int { 0 }
}

/// What a layer's products need to be its output: y = scale * Wx + bias, or scale * (Wx + bias).
package struct RowFinish {
    package let scale: Float?
    package let bias: UnsafePointer<Float>?
    package let scalesBias: Bool

    package init(scale: Float? = nil, bias: UnsafePointer<Float>? = nil, scalesBias: Bool = false) {
        (self.scale, self.bias, self.scalesBias) = (scale, bias, scalesBias)
    }

    @inline(__always)
    func apply(to row: UnsafeMutablePointer<Float>, _ count: Int, _ kernels: KernelTable) {
        if let scale, !scalesBias { kernels.scale(row, scale, count) }
        if let bias { kernels.add(bias, 1, count, to: row) }
        if let scale, scalesBias { kernels.scale(row, scale, count) }
    }
}

/// The gains of a norm of rows.
package struct RowNorm {
    package let weight: UnsafePointer<Float>?
    package let epsilon: Float

    package init(weight: UnsafePointer<Float>?, epsilon: Float) { (self.weight, self.epsilon) = (weight, epsilon) }
}

/// What a layer adds to the residual stream: x += scale * norm(finish(delta)).
package struct ResidualAddition {
    package let delta: FloatMatrix
    package let finish: RowFinish
    /// Norms the layer's output first (Gemma).
    package let norm: RowNorm?
    package let scale: Float

    package init(delta: FloatMatrix, finish: RowFinish, norm: RowNorm? = nil, scale: Float = 1) {
        (self.delta, self.finish, self.norm, self.scale) = (delta, finish, norm, scale)
    }
}

/// output = norm(x), after what the layer before adds to x.
package struct NormedRows: RowMaker {
    let kernels: KernelTable
    let x: FloatMatrix
    let addition: ResidualAddition?
    let norm: RowNorm
    package let output: FloatMatrix

    package var cost: Int { x.columns * (addition == nil ? 1 : 2) }

    package func make(_ rows: Range<Int>) {
        for row in rows {
            let to = x[row: row]
            if let addition {
                let delta = addition.delta[row: row]
                addition.finish.apply(to: delta, x.columns, kernels)
                if let norm = addition.norm {
                    kernels.rmsNorm(delta, norm.weight, norm.epsilon, x.columns, into: delta)
                }
                kernels.add(delta, addition.scale, x.columns, to: to)
            }
            kernels.rmsNorm(to, norm.weight, norm.epsilon, x.columns, into: output[row: row])
        }
    }
}

/// output = activation(gate) * up; gate and up lie side by side.
package struct GatedRows: RowMaker {
    let kernels: KernelTable
    let gate: FloatMatrix
    let up: FloatMatrix
    let gateFinish: RowFinish
    let upFinish: RowFinish
    let activation: Activation

    /// Where the result lies: in the gate's place.
    package var output: FloatMatrix { gate }
    package var cost: Int { gate.columns * 4 }

    package func make(_ rows: Range<Int>) {
        for row in rows {
            let (gate, up) = (gate[row: row], up[row: row])
            gateFinish.apply(to: gate, self.gate.columns, kernels)
            upFinish.apply(to: up, self.up.columns, kernels)
            kernels.activate(activation, gate, up, self.gate.columns, into: gate)
        }
    }
}

extension Compute {
    /// Rows of `output` as norms of those of `x`, to be made when they are needed; `addition` is added to `x` then.
    package func normed(
        _ x: FloatMatrix, _ norm: RowNorm, after addition: ResidualAddition? = nil, into output: FloatMatrix
    ) -> NormedRows {
        precondition(
            x.rows == output.rows && x.columns == output.columns
                && (addition.map { $0.delta.rows == x.rows && $0.delta.columns == x.columns } ?? true),
            "\(x.shape) and \(output.shape)")
        return NormedRows(kernels: kernels, x: x, addition: addition, norm: norm, output: output)
    }

    /// Rows of `activation(gate) * up`, to be made when they are needed, in the gate's place.
    package func gated(
        _ gate: FloatMatrix, _ up: FloatMatrix, _ activation: Activation, gateFinish: RowFinish = RowFinish(),
        upFinish: RowFinish = RowFinish()
    ) -> GatedRows {
        precondition(gate.rows == up.rows && gate.columns == up.columns, "\(gate.shape) and \(up.shape)")
        return GatedRows(
            kernels: kernels, gate: gate, up: up, gateFinish: gateFinish, upFinish: upFinish, activation: activation)
    }

    /// Makes rows that no other operation makes.
    package func make(_ count: Int, _ maker: some RowMaker) {
        eachRow(count, cost: maker.cost, MadeRow(maker: maker))
    }
}

private struct MadeRow<Maker: RowMaker>: RowWork {
    let maker: Maker

    func callAsFunction(row: Int) { maker.make(row..<row + 1) }
}
