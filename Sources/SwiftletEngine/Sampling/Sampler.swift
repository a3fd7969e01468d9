public import SwiftletGround
public import SwiftletTokenizers

/// Chooses tokens from logits: parameters, the tokens seen lately and the state of the random numbers, as a value.
///
/// A copy goes on by itself, for instance to try a continuation and drop it. After the first tokens of a session nothing
/// is allocated. Same parameters, seed, accepted tokens and logits: same tokens, on every machine.
public struct Sampler: Sendable {
    public let parameters: SamplingParameters
    /// The seed in use: the parameters', or the random one that was taken.
    public let seed: UInt64

    var random: RandomSource
    var history: TokenHistory
    var penalties: Penalties
    var dry: Dry
    var mirostat: Mirostat
    private var storage = Candidates.Storage()

    /// Throws `invalidParameter` for parameters that are not valid.
    /// - Parameter dryBreakers: what the parameters' `drySequenceBreakers` are in the model's vocabulary; only DRY uses it.
    public init(
        _ parameters: SamplingParameters, dryBreakers: DryBreakers = DryBreakers()
    ) throws(EngineError) {
        try parameters.validate()
        self.parameters = parameters
        seed = parameters.seed ?? UInt64.random(in: .min ... .max)
        random = RandomSource(seed: seed)
        penalties = Penalties(parameters)
        dry = Dry(parameters, breakers: dryBreakers)
        mirostat = Mirostat(parameters)
        history = TokenHistory(capacity: max(penalties.window, dry.window))
    }

    /// Tells the sampler of a token that is now part of the text, of the prompt or chosen.
    public mutating func accept(_ token: TokenID) {
        penalties.accept(token, after: history)
        history.append(token)
    }

    /// Back to the state after `init`, with the same seed.
    public mutating func reset() {
        random = RandomSource(seed: seed)
        history.removeAll()
        penalties.removeAll()
        mirostat = Mirostat(parameters)
    }

    /// Chooses a token; does not accept it.
    ///
    /// Never traps, whatever the logits: what is not a number counts as minus infinity, infinity as the greatest finite
    /// number. Throws `noCandidate` when no token is possible.
    /// - Parameters:
    ///   - logits: one for each token of the vocabulary; scratch afterwards.
    ///   - mask: the tokens that may be chosen; nil allows all.
    public mutating func sample(
        _ logits: UnsafeMutableBufferPointer<Float>, allowed mask: TokenMask? = nil
    ) throws(EngineError) -> TokenID {
        try withCandidates(logits) { sampler, candidates in
            sampler.choose(from: &candidates, mask)
        }
    }

    /// The same, and tells how likely the model holds the token and the `top` most likely ones; `afterChain`: how likely the
    /// chain made them.
    public mutating func sample(
        _ logits: UnsafeMutableBufferPointer<Float>, allowed mask: TokenMask? = nil, reportingTop top: Int,
        afterChain: Bool = false
    ) throws(EngineError) -> TokenChoice {
        try withCandidates(logits) { sampler, candidates in
            if afterChain { return sampler.choose(from: &candidates, mask, reportingTop: top) }
            let (best, logOfMass) = candidates.mostLikely(top)
            let count = candidates.count
            var untouched: [Float] = []
            swap(&untouched, &candidates.storage.untouched)
            defer { swap(&untouched, &candidates.storage.untouched) }
            untouched.removeAll(keepingCapacity: true)
            untouched.append(contentsOf: UnsafeBufferPointer(start: candidates.logits, count: count))
            guard let token = sampler.choose(from: &candidates, mask) else { return nil }
            let logProbability = Double(untouched[Int(token)]) - logOfMass
            return TokenChoice(token: token, logProbability: logProbability, top: best)
        }
    }

    /// The tokens that the chain leaves with the probabilities they would be drawn with, in the chain's order, without
    /// drawing one (XTC alone takes its chance); throws like `sample`, costs an array.
    public mutating func distribution(
        _ logits: UnsafeMutableBufferPointer<Float>, allowed mask: TokenMask? = nil
    ) throws(EngineError) -> [TokenProbability] {
        try withCandidates(logits) { sampler, candidates in
            sampler.finalProbabilities(of: &candidates, mask)
        }
    }

    private mutating func withCandidates<Result>(
        _ logits: UnsafeMutableBufferPointer<Float>, _ body: (inout Self, inout Candidates) -> Result?
    ) throws(EngineError) -> Result {
        guard !logits.isEmpty, logits.count <= Int(Int32.max) else { throw Self.noCandidate }
        // The storage moves out and back, so that it is never copied.
        var taken = Candidates.Storage()
        swap(&taken, &storage)
        var candidates = Candidates(logits, storage: taken)
        taken = Candidates.Storage()
        candidates.prepare()
        let result = body(&self, &candidates)
        swap(&candidates.storage, &storage)
        guard let result else { throw Self.noCandidate }
        return result
    }

    private static var noCandidate: EngineError {
        EngineError(
            .noCandidate, "no token is possible: every logit is minus infinity, not a number, or forbidden",
            advice: "Check the logit bias and the grammar; without them the model file is damaged."
        )
    }
}
