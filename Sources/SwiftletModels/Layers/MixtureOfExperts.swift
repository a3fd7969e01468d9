package import SwiftletTensors

/// A mixture of experts: each token goes to the `used` experts that the router likes most (Mixtral, arXiv:2401.04088).
///
/// Weights of the chosen experts are the router's softmax, made to sum to one again, times `weightScale`.
package struct MixtureOfExperts: Sendable {
    package let router: Linear
    package let experts: [FeedForward]
    package let used: Int
    package let weightScale: Float

    /// `x` `[tokens, embeddingLength]`, normed, to the mixture's output of the same shape, in scratch memory.
    package func callAsFunction(_ x: FloatMatrix, _ pass: ForwardPass) -> FloatMatrix {
        let y = pass.scratch.matrix(rows: x.rows, columns: x.columns)
        y.base.update(repeating: 0, count: y.rows * y.columns)
        let mark = pass.scratch.mark
        defer { pass.scratch.release(to: mark) }
        let probabilities = router(x, pass)
        pass.compute.softmax(probabilities)
        let routes = (0..<x.rows).map { choose(probabilities[row: $0]) }
        for (index, expert) in experts.enumerated() {
            let tokens = routes.indices.filter { row in routes[row].contains { $0.expert == index } }
            guard !tokens.isEmpty else { continue }
            let inner = pass.scratch.mark
            defer { pass.scratch.release(to: inner) }
            let input = pass.scratch.matrix(rows: tokens.count, columns: x.columns)
            for (row, token) in tokens.enumerated() { input[row: row].update(from: x[row: token], count: x.columns) }
            let output = expert(input, pass)
            // Experts are visited in order of their number, so a token's sum has one order however it is batched.
            for (row, token) in tokens.enumerated() {
                guard let weight = routes[token].first(where: { $0.expert == index })?.weight else { continue }
                pass.compute.add(output.rows(row..<row + 1), to: y.rows(token..<token + 1), scale: weight)
            }
        }
        return y
    }

    private func choose(_ probabilities: UnsafeMutablePointer<Float>) -> [(expert: Int, weight: Float)] {
        let best = (0..<experts.count)
            .sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
            .prefix(used)
        // The smallest normal half-precision number, as the reference clamps it, so that nothing is divided by zero.
        let sum = max(best.reduce(0) { $0 + probabilities[$1] }, 6.103515625e-5)
        return best.map { ($0, probabilities[$0] / sum * weightScale) }
    }
}
