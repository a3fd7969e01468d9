/// What a feed-forward layer does to each element.
package enum Activation: String, CaseIterable, Sendable {
    case silu
    /// GELU by its tanh approximation (Hendrycks and Gimpel, 2016).
    case geluTanh
    /// GELU with erf.
    case gelu
    /// x / (1 + e^(-1.702 x))
    case geluQuick
    case relu, reluSquared, sigmoid, tanh, identity
}

// Operations on each row alone. An output may be its input.
extension Compute {
    /// Rows divided by their root mean square, times `weight` where given (Zhang and Sennrich, 2019).
    package func rmsNorm(_ x: FloatMatrix, weight: UnsafePointer<Float>?, epsilon: Float, into output: FloatMatrix) {
        checkSame(x, output)
        eachRow(x.rows, cost: x.columns) { [kernels] row in
            kernels.rmsNorm(x[row: row], weight, epsilon, x.columns, into: output[row: row])
        }
    }

    package func layerNorm(
        _ x: FloatMatrix, weight: UnsafePointer<Float>?, bias: UnsafePointer<Float>?, epsilon: Float,
        into output: FloatMatrix
    ) {
        checkSame(x, output)
        eachRow(x.rows, cost: x.columns) { [kernels] row in
            kernels.layerNorm(x[row: row], weight, bias, epsilon, x.columns, into: output[row: row])
        }
    }

    /// `y += scale * x`
    package func add(_ x: FloatMatrix, to y: FloatMatrix, scale: Float = 1) {
        checkSame(x, y)
        eachRow(x.rows, cost: x.columns) { [kernels] row in
            kernels.add(x[row: row], scale, x.columns, to: y[row: row])
        }
    }

    /// Adds `bias`, `[columns]`, to each row.
    package func addBias(_ bias: UnsafePointer<Float>, to y: FloatMatrix) {
        eachRow(y.rows, cost: y.columns) { [kernels] row in kernels.add(bias, 1, y.columns, to: y[row: row]) }
    }

    package func scale(_ x: FloatMatrix, by factor: Float) {
        eachRow(x.rows, cost: x.columns) { [kernels] row in kernels.scale(x[row: row], factor, x.columns) }
    }

    /// `cap * tanh(x / cap)`
    package func softcap(_ x: FloatMatrix, cap: Float) {
        eachPart(x, cost: 4) { [kernels] part, count in kernels.softcap(part, cap, count) }
    }

    package func softmax(_ x: FloatMatrix) {
        eachRow(x.rows, cost: x.columns * 4) { [kernels] row in kernels.softmax(x[row: row], x.columns) }
    }

    /// `activation(gate) * up`
    package func gate(_ gate: FloatMatrix, _ up: FloatMatrix, activation: Activation, into output: FloatMatrix) {
        checkSame(gate, up)
        checkSame(gate, output)
        eachRow(gate.rows, cost: gate.columns * 4) { [kernels] row in
            kernels.activate(activation, gate[row: row], up[row: row], gate.columns, into: output[row: row])
        }
    }

    package func activate(_ x: FloatMatrix, _ activation: Activation, into output: FloatMatrix) {
        checkSame(x, output)
        eachRow(x.rows, cost: x.columns * 4) { [kernels] row in
            kernels.activate(activation, x[row: row], nil, x.columns, into: output[row: row])
        }
    }

    /// Pieces of rows, so that the logits of one token are shared out too; `body` must treat each element alone.
    private func eachPart(_ x: FloatMatrix, cost: Int, _ body: (UnsafeMutablePointer<Float>, Int) -> Void) {
        let size = 4096, parts = (x.columns + size - 1) / size
        eachRow(x.rows * parts, cost: min(size, x.columns) * cost) { index in
            let first = index % parts * size
            body(x[row: index / parts] + first, min(size, x.columns - first))
        }
    }

    private func checkSame(_ x: FloatMatrix, _ y: FloatMatrix) {
        precondition(x.rows == y.rows && x.columns == y.columns, "\(x.shape) and \(y.shape)")
    }
}
