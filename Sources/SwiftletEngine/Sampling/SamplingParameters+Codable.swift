import SwiftletTokenizers

/// As JSON: the fields' own names; a field that is missing has its default. Decoding does not validate.
extension SamplingParameters: Codable {
    private enum CodingKeys: String, CodingKey {
        case temperature, dynamicTemperatureRange, dynamicTemperatureExponent
        case topK, topP, minP, typicalP, topNSigma, minimumKeep
        case repeatPenalty, frequencyPenalty, presencePenalty, repeatLastN
        case dryMultiplier, dryBase, dryAllowedLength, dryPenaltyLastN, drySequenceBreakers
        case xtcProbability, xtcThreshold, mirostat, mirostatTau, mirostatEta
        case logitBias, order, seed
    }

    public init(from decoder: any Decoder) throws {
        self.init()
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ value: inout Value, _ key: CodingKeys) throws {
            if let read = try fields.decodeIfPresent(Value.self, forKey: key) { value = read }
        }
        try read(&temperature, .temperature)
        try read(&dynamicTemperatureRange, .dynamicTemperatureRange)
        try read(&dynamicTemperatureExponent, .dynamicTemperatureExponent)
        try read(&topK, .topK)
        try read(&topP, .topP)
        try read(&minP, .minP)
        try read(&typicalP, .typicalP)
        try read(&topNSigma, .topNSigma)
        try read(&minimumKeep, .minimumKeep)
        try read(&repeatPenalty, .repeatPenalty)
        try read(&frequencyPenalty, .frequencyPenalty)
        try read(&presencePenalty, .presencePenalty)
        try read(&repeatLastN, .repeatLastN)
        try read(&dryMultiplier, .dryMultiplier)
        try read(&dryBase, .dryBase)
        try read(&dryAllowedLength, .dryAllowedLength)
        try read(&dryPenaltyLastN, .dryPenaltyLastN)
        try read(&drySequenceBreakers, .drySequenceBreakers)
        try read(&xtcProbability, .xtcProbability)
        try read(&xtcThreshold, .xtcThreshold)
        try read(&mirostat, .mirostat)
        try read(&mirostatTau, .mirostatTau)
        try read(&mirostatEta, .mirostatEta)
        try read(&order, .order)
        seed = try fields.decodeIfPresent(UInt64.self, forKey: .seed)
        // A dictionary is an object in JSON only when its keys are Int or String.
        if let biases = try fields.decodeIfPresent([Int: Float].self, forKey: .logitBias) {
            logitBias = [:]
            for (token, bias) in biases {
                guard let id = TokenID(exactly: token) else {
                    throw DecodingError.dataCorruptedError(
                        forKey: .logitBias, in: fields, debugDescription: "\(token) is not a token id")
                }
                logitBias[id] = bias
            }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(temperature, forKey: .temperature)
        try fields.encode(dynamicTemperatureRange, forKey: .dynamicTemperatureRange)
        try fields.encode(dynamicTemperatureExponent, forKey: .dynamicTemperatureExponent)
        try fields.encode(topK, forKey: .topK)
        try fields.encode(topP, forKey: .topP)
        try fields.encode(minP, forKey: .minP)
        try fields.encode(typicalP, forKey: .typicalP)
        try fields.encode(topNSigma, forKey: .topNSigma)
        try fields.encode(minimumKeep, forKey: .minimumKeep)
        try fields.encode(repeatPenalty, forKey: .repeatPenalty)
        try fields.encode(frequencyPenalty, forKey: .frequencyPenalty)
        try fields.encode(presencePenalty, forKey: .presencePenalty)
        try fields.encode(repeatLastN, forKey: .repeatLastN)
        try fields.encode(dryMultiplier, forKey: .dryMultiplier)
        try fields.encode(dryBase, forKey: .dryBase)
        try fields.encode(dryAllowedLength, forKey: .dryAllowedLength)
        try fields.encode(dryPenaltyLastN, forKey: .dryPenaltyLastN)
        try fields.encode(drySequenceBreakers, forKey: .drySequenceBreakers)
        try fields.encode(xtcProbability, forKey: .xtcProbability)
        try fields.encode(xtcThreshold, forKey: .xtcThreshold)
        try fields.encode(mirostat, forKey: .mirostat)
        try fields.encode(mirostatTau, forKey: .mirostatTau)
        try fields.encode(mirostatEta, forKey: .mirostatEta)
        try fields.encode(order, forKey: .order)
        try fields.encodeIfPresent(seed, forKey: .seed)
        try fields.encode(
            Dictionary(uniqueKeysWithValues: logitBias.map { (Int($0.key), $0.value) }), forKey: .logitBias)
    }
}
