package import SwiftletEngine
import SwiftletGround

/// The settings of sampling that OpenAI's API, llama-server and vLLM share, under their names; each family has its limits.
package struct SamplingFields {
    /// Limits of OpenAI's own fields; others are checked by the engine.
    package struct Limits: Sendable {
        package var temperature: ClosedRange<Double>
        package var penalty: ClosedRange<Double>

        package static let openAI = Self(temperature: 0...2, penalty: -2...2)
        package static let anthropic = Self(temperature: 0...1, penalty: -2...2)
        package static let llamaServer = Self(temperature: 0...1e6, penalty: -1e6...1e6)
    }

    /// Changes what the request names. `vocabulary` turns texts in `logit_bias` into tokens.
    package static func apply(
        _ fields: Fields, to sampling: inout SamplingParameters, limits: Limits, vocabulary: RequestVocabulary
    ) throws {
        func set<Value>(_ value: Value?, _ path: WritableKeyPath<SamplingParameters, Value>) {
            if let value { sampling[keyPath: path] = value }
        }
        let probability = 0.0...1.0
        set(try fields.float("temperature", in: limits.temperature), \.temperature)
        set(try fields.float("top_p", in: probability), \.topP)
        set(try fields.float("min_p", in: probability), \.minP)
        set(try fields.float("typical_p", in: probability), \.typicalP)
        set(try fields.float("top_n_sigma"), \.topNSigma)
        // vLLM and Anthropic's clients say -1 for all tokens.
        set(try fields.integer("top_k", in: -1...Int(Int32.max)), \.topK)
        set(try fields.float("dynatemp_range", in: 0...1e6), \.dynamicTemperatureRange)
        set(try fields.float("dynatemp_exponent", in: 0...1e6), \.dynamicTemperatureExponent)
        set(try fields.first(of: ["repeat_penalty", "repetition_penalty"]) { try fields.float($0) }, \.repeatPenalty)
        set(try fields.float("frequency_penalty", in: limits.penalty), \.frequencyPenalty)
        set(try fields.float("presence_penalty", in: limits.penalty), \.presencePenalty)
        set(try window(fields, "repeat_last_n"), \.repeatLastN)
        set(try fields.float("dry_multiplier", in: 0...1e6), \.dryMultiplier)
        // llama.cpp takes its default in place of a base that makes no sense.
        if let base = try fields.float("dry_base"), base >= 1 { sampling.dryBase = base }
        set(try fields.integer("dry_allowed_length", in: 0...Int(Int32.max)), \.dryAllowedLength)
        set(try window(fields, "dry_penalty_last_n"), \.dryPenaltyLastN)
        set(try fields.strings("dry_sequence_breakers"), \.drySequenceBreakers)
        set(try fields.float("xtc_probability", in: probability), \.xtcProbability)
        set(try fields.float("xtc_threshold", in: probability), \.xtcThreshold)
        set(try fields.integer("mirostat", in: 0...2).flatMap(SamplingParameters.Mirostat.init(rawValue:)), \.mirostat)
        set(try fields.float("mirostat_tau", in: 0...1e6), \.mirostatTau)
        set(try fields.float("mirostat_eta", in: 0...1e6), \.mirostatEta)
        set(try fields.integer("min_keep", in: 0...Int(Int32.max)), \.minimumKeep)
        if let seed = try fields.integer("seed") { sampling.seed = seed == -1 ? nil : UInt64(bitPattern: Int64(seed)) }
        if let order = try order(fields) { sampling.order = order }
        let biases = try LogitBiasField.read(fields, vocabulary: vocabulary)
        sampling.logitBias.merge(biases) { $1 }
    }

    /// A number of tokens to look back at; -1 for all.
    private static func window(_ fields: Fields, _ key: String) throws -> Int? {
        let longest = 1 << 24
        return try fields.integer(key, in: -1...Int(Int32.max)).map { $0 < 0 ? longest : min($0, longest) }
    }

    /// llama.cpp's `samplers`: names, or a letter each.
    private static func order(_ fields: Fields) throws -> [SamplingParameters.Stage]? {
        guard let value = fields.value("samplers") else { return nil }
        // Each costs time for every token.
        func checked<Names: Collection>(_ names: Names) throws -> Names {
            guard names.count <= 32 else { throw fields.problem("samplers", "32 samplers are the most") }
            return names
        }
        if let text = value.string {
            return try checked(text.unicodeScalars).compactMap { Self.letters[Character($0)] }
        }
        // Names that are not known are passed over, as llama.cpp does.
        return try fields.strings("samplers").map(checked)?.compactMap {
            Self.names[$0] ?? SamplingParameters.Stage(rawValue: $0)
        }
    }

    private static let names: [String: SamplingParameters.Stage] = [
        "typical_p": .typicalP, "top-k": .topK, "top-p": .topP,
    ]
    private static let letters: [Character: SamplingParameters.Stage] = [
        "e": .penalties, "d": .dry, "s": .topNSigma, "k": .topK, "y": .typicalP, "p": .topP, "m": .minP, "x": .xtc,
        "t": .temperature,
    ]
}
