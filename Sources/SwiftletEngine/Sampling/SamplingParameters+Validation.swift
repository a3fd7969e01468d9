public import SwiftletGround

extension SamplingParameters {
    /// Throws `invalidParameter`, with the field's name as place and its range as advice, at the first field that is wrong.
    public func validate() throws(EngineError) {
        try Self.check(temperature, "temperature", in: -Self.large...Self.large)
        try Self.check(dynamicTemperatureRange, "dynamicTemperatureRange", in: 0...Self.large)
        try Self.check(dynamicTemperatureExponent, "dynamicTemperatureExponent", in: 0...Self.large)
        try Self.check(topP, "topP", in: 0...1)
        try Self.check(minP, "minP", in: 0...1)
        try Self.check(typicalP, "typicalP", in: 0...1)
        try Self.check(topNSigma, "topNSigma", in: -Self.large...Self.large)
        try Self.check(minimumKeep, "minimumKeep", in: 0...Int(Int32.max))
        // Both ends have a finite reciprocal.
        try Self.check(repeatPenalty, "repeatPenalty", in: 1e-6...1e6)
        try Self.check(frequencyPenalty, "frequencyPenalty", in: -Self.large...Self.large)
        try Self.check(presencePenalty, "presencePenalty", in: -Self.large...Self.large)
        try Self.check(repeatLastN, "repeatLastN", in: 0...Self.longestWindow)
        try Self.check(dryMultiplier, "dryMultiplier", in: 0...Self.large)
        try Self.check(dryBase, "dryBase", in: 0...Self.large)
        try Self.check(dryAllowedLength, "dryAllowedLength", in: 0...Int(Int32.max))
        try Self.check(dryPenaltyLastN, "dryPenaltyLastN", in: 0...Self.longestWindow)
        try Self.check(drySequenceBreakers.count, "drySequenceBreakers.count", in: 0...Self.mostBreakers)
        try Self.check(xtcProbability, "xtcProbability", in: 0...1)
        try Self.check(xtcThreshold, "xtcThreshold", in: 0...1)
        try Self.check(mirostatTau, "mirostatTau", in: 0...Self.large)
        try Self.check(mirostatEta, "mirostatEta", in: 0...Self.large)
        try Self.check(order.count, "order.count", in: 0...Self.longestOrder)
        for (token, bias) in logitBias {
            try Self.check(Int(token), "logitBias token", in: 0...Int(Int32.max))
            // Minus infinity is a ban.
            if bias != -.infinity { try Self.check(bias, "logitBias[\(token)]", in: -Self.large...Self.large) }
        }
    }

    /// Bounds what has no natural bound, so that no finite logit overflows.
    private static let large: Float = 1e6
    private static let longestWindow = 1 << 24
    private static let mostBreakers = 64
    private static let longestOrder = 32

    private static func check<Number: Comparable>(
        _ value: Number, _ field: String, in range: ClosedRange<Number>
    ) throws(EngineError) {
        // Not a number is in no range.
        guard range.contains(value) else {
            throw EngineError(
                .invalidParameter, "\(value) is outside \(range.lowerBound)...\(range.upperBound)", at: field,
                advice: "Give a value from \(range.lowerBound) to \(range.upperBound)."
            )
        }
    }
}
