public import SwiftletTokenizers

/// How the next token is chosen; names, meanings and defaults are llama.cpp's (common.h, llama-sampler.cpp).
public struct SamplingParameters: Sendable, Hashable {
    /// One sampler of the chain.
    public enum Stage: String, Sendable, Hashable, Codable, CaseIterable {
        case penalties
        case dry
        case topNSigma = "top_n_sigma"
        case topK = "top_k"
        case typicalP = "typ_p"
        case topP = "top_p"
        case minP = "min_p"
        case xtc
        case temperature
    }

    /// Mirostat replaces the chain: only temperature goes before it.
    public enum Mirostat: Int, Sendable, Hashable, Codable {
        case off = 0
        case version1 = 1
        case version2 = 2
    }

    /// Divides the logits; 0 or less chooses the most likely token, the lowest id among equals.
    public var temperature: Float = 0.8
    /// Temperature moves with the entropy in `temperature ± range`; 0 is off.
    public var dynamicTemperatureRange: Float = 0
    /// How entropy maps to temperature when the range is not 0.
    public var dynamicTemperatureExponent: Float = 1
    /// Keeps the k most likely tokens; 0 or less keeps all.
    public var topK = 40
    /// Keeps the most likely tokens that together reach this probability; 1 keeps all.
    public var topP: Float = 0.95
    /// Keeps tokens at least this fraction as likely as the most likely one; 0 keeps all.
    public var minP: Float = 0.05
    /// Keeps the tokens nearest to the expected surprise that together exceed this probability; 1 keeps all.
    public var typicalP: Float = 1
    /// Keeps tokens whose logit is within this many standard deviations of the greatest; 0 or less keeps all.
    public var topNSigma: Float = -1
    /// top-p, min-p, typical and XTC leave at least this many tokens, where there are so many.
    public var minimumKeep = 0

    /// Divides the positive logits and multiplies the negative ones of tokens seen lately; 1 is off.
    public var repeatPenalty: Float = 1
    /// Subtracted from the logit of a token for each time it was seen lately.
    public var frequencyPenalty: Float = 0
    /// Subtracted once from the logit of a token seen lately.
    public var presencePenalty: Float = 0
    /// How many of the last tokens the three penalties look at; 0 is off.
    public var repeatLastN = 64

    /// DRY subtracts `multiplier * base^(length of the repetition - allowed length)`; 0 is off.
    public var dryMultiplier: Float = 0
    /// Below 1 is off.
    public var dryBase: Float = 1.75
    /// The longest repetition without penalty, in tokens.
    public var dryAllowedLength = 2
    /// How many of the last tokens DRY looks at; 0 is off.
    public var dryPenaltyLastN = 64
    /// Texts that a repetition does not reach across; `DryBreakers` makes tokens of them.
    public var drySequenceBreakers = ["\n", ":", "\"", "*"]

    /// How often XTC excludes all but the least likely of the top choices; 0 is off.
    public var xtcProbability: Float = 0
    /// What counts as a top choice for XTC; above 0.5 is off.
    public var xtcThreshold: Float = 0.1

    public var mirostat = Mirostat.off
    /// The surprise that mirostat aims at, in bits.
    public var mirostatTau: Float = 5
    /// Mirostat's learning rate.
    public var mirostatEta: Float = 0.1

    /// Added to the logits of tokens, before the chain; minus infinity forbids a token.
    public var logitBias: [TokenID: Float] = [:]
    /// The chain's order; a stage left out is off.
    public var order = Self.defaultOrder
    /// With the same seed, logits and parameters the same tokens come on every machine; nil takes a random one.
    public var seed: UInt64?

    public init() {}

    /// Always the most likely token.
    public static var greedy: Self {
        var parameters = Self()
        parameters.temperature = 0
        return parameters
    }

    /// llama.cpp's order.
    public static let defaultOrder: [Stage] = [
        .penalties, .dry, .topNSigma, .topK, .typicalP, .topP, .minP, .xtc, .temperature,
    ]
}

extension SamplingParameters {
    func isActive(_ stage: Stage) -> Bool { order.contains(stage) }

    var penaltiesAreActive: Bool {
        repeatLastN > 0 && (repeatPenalty != 1 || frequencyPenalty != 0 || presencePenalty != 0)
            && mirostat == .off && isActive(.penalties)
    }

    /// Whether DRY has an effect, so that its breakers are worth making.
    public var dryIsActive: Bool {
        dryMultiplier != 0 && dryBase >= 1 && dryPenaltyLastN > 0 && mirostat == .off && isActive(.dry)
    }

    /// Whether the chain can only end in the greatest logit: nothing in it may remove that one or draws by chance.
    ///
    /// top-k, top-p, min-p and top-n-sigma always keep the greatest; typical and XTC may not.
    var isGreedy: Bool {
        guard temperature <= 0 else { return false }
        guard mirostat == .off else { return true }
        guard isActive(.temperature), dynamicTemperatureRange <= 0 else { return false }
        return (typicalP >= 1 || !isActive(.typicalP))
            && (xtcProbability <= 0 || xtcThreshold > 0.5 || !isActive(.xtc))
    }
}
