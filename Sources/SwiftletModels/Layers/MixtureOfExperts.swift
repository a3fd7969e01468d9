package import SwiftletTensors

/// A mixture of experts: each token goes to the `used` experts that the router likes most (Mixtral, arXiv:2401.04088).
///
/// Weights of the chosen experts are the router's softmax, made to sum to one again, times `weightScale`.
package struct MixtureOfExperts: Sendable {
    package let router: Linear
    package let experts: [FeedForward]
    package let used: Int
    package let weightScale: Float

    /// `x` `[tokens, embeddingLength]`, normed, to the mixture's output `y` of the same shape.
    package func callAsFunction(_ x: FloatMatrix, into y: FloatMatrix, _ pass: ForwardPass) {
        y.base.update(repeating: 0, count: y.rows * y.columns)
        let mark = pass.scratch.mark
        defer { pass.scratch.release(to: mark) }
        let probabilities = router(x, pass)
        pass.compute.softmax(probabilities)
        let routes = Routes(
            experts: pass.scratch.integers(x.rows * used), weights: pass.scratch.matrix(rows: x.rows, columns: used))
        for row in 0..<x.rows { choose(probabilities[row: row], row, routes) }
        let tokens = pass.scratch.integers(x.rows)
        for index in experts.indices {
            var count = 0
            for row in 0..<x.rows where routes.weight(of: index, row) != nil {
                tokens[count] = Int32(row)
                count += 1
            }
            if count > 0 { add(index, of: x, tokens[..<count], routes, to: y, pass) }
        }
    }

    /// Adds one expert's output for its tokens. Experts come in order of their number, so a token's sum has one order however
    /// it is batched.
    private func add(
        _ index: Int, of x: FloatMatrix, _ tokens: Slice<UnsafeMutableBufferPointer<Int32>>, _ routes: Routes,
        to y: FloatMatrix, _ pass: ForwardPass
    ) {
        let mark = pass.scratch.mark
        defer { pass.scratch.release(to: mark) }
        let input = pass.scratch.matrix(rows: tokens.count, columns: x.columns)
        let output = pass.scratch.matrix(rows: tokens.count, columns: x.columns)
        for (row, token) in tokens.enumerated() { input[row: row].update(from: x[row: Int(token)], count: x.columns) }
        experts[index](input, into: output, pass)
        experts[index].down.finish(output, pass.compute)
        for (row, token) in tokens.enumerated() {
            guard let weight = routes.weight(of: index, Int(token)) else { continue }
            pass.compute.add(output.rows(row..<row + 1), to: y.rows(Int(token)..<Int(token) + 1), scale: weight)
        }
    }

    /// The most likely experts of a row; of equally likely ones the first.
    private func choose(_ probabilities: UnsafeMutablePointer<Float>, _ row: Int, _ routes: Routes) {
        var sum: Float = 0
        for place in 0..<used {
            var best: Int?
            for index in experts.indices where !routes.contains(index, row, first: place) {
                if best.map({ probabilities[index] > probabilities[$0] }) ?? true { best = index }
            }
            guard let best else { break }
            routes.experts[row * used + place] = Int32(best)
            routes.weights[row: row][place] = probabilities[best]
            sum += probabilities[best]
        }
        // The smallest normal half-precision number, as the reference clamps it, so that nothing is divided by zero.
        sum = max(sum, 6.103515625e-5)
        for place in 0..<used {
            routes.weights[row: row][place] = routes.weights[row: row][place] / sum * weightScale
        }
    }

    /// Which experts each row goes to, and with what weights: `[tokens, used]`.
    private struct Routes {
        let experts: UnsafeMutableBufferPointer<Int32>
        let weights: FloatMatrix

        func contains(_ expert: Int, _ row: Int, first count: Int) -> Bool {
            for place in 0..<count where experts[row * weights.columns + place] == Int32(expert) { return true }
            return false
        }

        func weight(of expert: Int, _ row: Int) -> Float? {
            for place in 0..<weights.columns where experts[row * weights.columns + place] == Int32(expert) {
                return weights[row: row][place]
            }
            return nil
        }
    }
}
