import SwiftletGround
import SwiftletTokenizers

/// A token of an answer, and how likely it was if that is asked for.
struct Choice: Sendable {
    var token: TokenID
    var likelihood: TokenChoice?
}

/// Chooses an answer's tokens: the sampler within what the request's constraint allows.
struct Chooser: Sendable {
    var sampler: Sampler
    private var constraint: (any TokenConstraint)?
    private var mask: TokenMask?
    private let top: Int?
    private let afterChain: Bool

    init(
        _ sampler: Sampler, _ constraint: (any TokenConstraint)?, top: Int?, afterChain: Bool = false,
        vocabularySize: Int
    ) {
        (self.sampler, self.constraint) = (sampler, constraint)
        (self.top, self.afterChain) = (top, afterChain)
        mask = constraint.map { _ in TokenMask(vocabularySize: vocabularySize) }
    }

    /// Whether the constraint allows nothing but the end.
    var mustEnd: Bool { constraint?.mustEnd ?? false }

    /// What must come next, where there is no choice; nothing where each token's likelihood is asked for.
    mutating func forced(limit: Int) -> [TokenID] {
        guard top == nil, limit > 0 else { return [] }
        return Array((constraint?.forcedTokens(limit: limit) ?? []).prefix(limit))
    }

    /// `logits` are scratch afterwards.
    mutating func choose(_ logits: UnsafeMutableBufferPointer<Float>) throws(EngineError) -> Choice {
        if mask != nil { constraint?.allowed(into: &mask!) }
        do throws(EngineError) {
            return try sample(logits)
        } catch {
            let isBound = mask != nil || sampler.parameters.logitBias.values.contains(-.infinity)
            guard error.code == .noCandidate, isBound else { throw error }
            throw EngineError(
                .deadEnd, "the form that the answer must have leaves no token of this model's vocabulary",
                advice:
                    "Its texts may hold characters that the vocabulary has no bytes for, or the logit bias forbids the rest"
            )
        }
    }

    private mutating func sample(_ logits: UnsafeMutableBufferPointer<Float>) throws(EngineError) -> Choice {
        guard let top else { return Choice(token: try sampler.sample(logits, allowed: mask)) }
        let likelihood = try sampler.sample(logits, allowed: mask, reportingTop: top, afterChain: afterChain)
        return Choice(token: likelihood.token, likelihood: likelihood)
    }

    mutating func accept(_ token: TokenID) {
        sampler.accept(token)
        constraint?.accept(token)
    }
}
