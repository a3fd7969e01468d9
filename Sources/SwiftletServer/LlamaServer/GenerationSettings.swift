import SwiftletEngine
import SwiftletGround

extension RequestSettings {
    /// llama-server's `generation_settings`: what a request came to, under the names that requests have.
    var generationSettings: JSONObject {
        let sampling = generation.sampling
        let most = Int64(generation.maxTokens ?? -1)
        var object = sampling.llamaJSON
        let stops: [JSONValue] = generation.stop.map { .string($0) }
        let biases = sampling.logitBias.sorted { $0.key < $1.key }.map { token, bias -> JSONValue in
            ["bias": .number(Double(bias)), "token": .integer(Int64(token))]
        }
        let rest: [(String, JSONValue)] = [
            ("stop", .array(stops)), ("max_tokens", .integer(most)), ("n_predict", .integer(most)), ("n_keep", 0),
            ("ignore_eos", .bool(generation.ignoresEnd)), ("logit_bias", .array(biases)),
            ("n_probs", .integer(Int64(generation.topLogProbabilities ?? 0))),
            ("grammar", .string(format.grammarText)), ("cache_prompt", .bool(usesPrefixCache)),
        ]
        for (key, value) in rest { object[key] = value }
        return object
    }
}

extension AnswerFormat {
    fileprivate var grammarText: String {
        if case .grammar(let text) = self { text } else { "" }
    }
}

extension SamplingParameters {
    /// The settings under llama.cpp's names.
    var llamaJSON: JSONObject {
        func number(_ value: Float) -> JSONValue { .number(Double(value)) }
        func integer(_ value: Int) -> JSONValue { .integer(Int64(value)) }
        let breakers: [JSONValue] = drySequenceBreakers.map { .string($0) }
        let stages: [JSONValue] = order.map { .string($0.rawValue) }
        return JSONObject([
            // What llama.cpp writes for a seed at random.
            ("seed", .integer(seed.map { Int64(bitPattern: $0) } ?? 4_294_967_295)),
            ("temperature", number(temperature)), ("dynatemp_range", number(dynamicTemperatureRange)),
            ("dynatemp_exponent", number(dynamicTemperatureExponent)), ("top_k", integer(topK)),
            ("top_p", number(topP)), ("min_p", number(minP)), ("top_n_sigma", number(topNSigma)),
            ("xtc_probability", number(xtcProbability)), ("xtc_threshold", number(xtcThreshold)),
            ("typical_p", number(typicalP)), ("repeat_last_n", integer(repeatLastN)),
            ("repeat_penalty", number(repeatPenalty)), ("presence_penalty", number(presencePenalty)),
            ("frequency_penalty", number(frequencyPenalty)), ("dry_multiplier", number(dryMultiplier)),
            ("dry_base", number(dryBase)), ("dry_allowed_length", integer(dryAllowedLength)),
            ("dry_penalty_last_n", integer(dryPenaltyLastN)), ("dry_sequence_breakers", .array(breakers)),
            ("mirostat", integer(mirostat.rawValue)), ("mirostat_tau", number(mirostatTau)),
            ("mirostat_eta", number(mirostatEta)), ("min_keep", integer(minimumKeep)), ("samplers", .array(stages)),
        ])
    }
}
