import SwiftletTokenizers

extension Candidates {
    /// Adds the biases to the logits of their tokens; minus infinity makes a token impossible. Tokens outside the
    /// vocabulary are passed over. The candidates are still the whole vocabulary.
    func add(_ biases: [TokenID: Float]) {
        precondition(!isSparse, "biases are for the whole vocabulary")
        for (token, bias) in biases where token >= 0 && Int(token) < count {
            if bias == -.infinity {
                logits[Int(token)] = -.infinity
            } else {
                adjust(Int(token)) { $0 + bias }
            }
        }
    }
}
