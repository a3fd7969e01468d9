import Foundation
public import SwiftletTokenizers

/// A token and how likely it is.
public struct TokenProbability: Sendable, Hashable {
    public var token: TokenID
    /// Natural logarithm of the probability; minus infinity for an impossible token.
    public var logProbability: Double

    public init(token: TokenID, logProbability: Double) {
        self.token = token
        self.logProbability = logProbability
    }
}

/// A token that was chosen, and what the model itself thought of it: probabilities are the softmax of the logits as they
/// came, before masks, biases, penalties and temperature, as the field's servers report them.
public struct TokenChoice: Sendable, Hashable {
    public var token: TokenID
    public var logProbability: Double
    /// The most likely tokens, best first.
    public var top: [TokenProbability]

    package init(token: TokenID, logProbability: Double, top: [TokenProbability]) {
        (self.token, self.logProbability, self.top) = (token, logProbability, top)
    }
}

extension Candidates {
    /// The best candidates with the softmax of their logits, best first, and what turns a logit into a log probability.
    mutating func mostLikely(_ wanted: Int) -> (best: [TokenProbability], logOfMass: Double) {
        let greatest = greatestLogit()
        guard greatest > -.infinity else { return ([], 0) }
        let logOfMass = Double(greatest) + log(mass(relativeTo: greatest))
        guard wanted > 0 else { return ([], logOfMass) }
        let best = (0..<rank(wanted)).map { index in
            let key = storage.keys[index]
            return TokenProbability(
                token: token(Self.position(key)), logProbability: Double(Self.score(key)) - logOfMass)
        }
        return (best, logOfMass)
    }
}
