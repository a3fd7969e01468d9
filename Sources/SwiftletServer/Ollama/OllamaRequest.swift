import SwiftletEngine
import SwiftletGround
import SwiftletLibrary
import SwiftletModels

/// What /api/generate and /api/chat share: which model, how it answers, how it goes on.
struct OllamaRequest: Sendable {
    let model: String
    let streams: Bool
    let keepAlive: KeepAlive?
    let thinking: Bool?
    /// "low", "medium", "high", for models whose templates read it.
    let effort: String?
    let format: AnswerFormat
    /// Tokens that a prompt and its answer may have together; nil for what the model was loaded with.
    let contextLength: Int?
    /// Whether a prompt that is too long is cut; Ollama cuts without a word, Swiftlet only when asked, and says so.
    let truncates: Bool
    /// Whether a full context goes on without its older half.
    let shifts: Bool
    /// How many likely tokens to tell beside each one; nil for no log probabilities.
    let topLogProbabilities: Int?
    private let options: Fields?

    /// `settings` have the model's own defaults of options.
    init(_ fields: Fields, _ settings: ModelSettings) throws {
        model = try OllamaAPI.modelName(fields)
        streams = try fields.bool("stream") ?? true
        keepAlive = try fields.value("keep_alive").map { try KeepAlive($0, at: "keep_alive") }
        (thinking, effort) = try Self.thinking(fields)
        options = try Self.options(fields, settings)
        format = try Self.format(fields, options)
        contextLength = try options?.integer("num_ctx", in: 1...(1 << 24))
        truncates = try fields.bool("truncate") ?? false
        shifts = try fields.bool("shift") ?? false
        let top = try fields.integer("top_logprobs", in: 0...20)
        topLogProbabilities = try fields.bool("logprobs") ?? false ? top ?? 0 : top.flatMap { $0 > 0 ? $0 : nil }
        // Said before a model is loaded for nothing.
        _ = try generation(.later)
    }

    /// How the engine is to answer.
    func settings(for call: Call, _ lease: ModelLease) throws -> RequestSettings {
        var generation = try generation(.known(lease.chat.engine.model.tokenizer))
        if shifts {
            // What never fills its context would never end; Ollama's bound.
            let most = 10 * min(contextLength ?? .max, lease.model.contextLength)
            generation.maxTokens = min(generation.maxTokens ?? most, most)
        }
        return RequestSettings(
            generation: generation, format: format, client: call.client, priority: call.priority,
            deadline: try call.deadline(), contextLength: contextLength)
    }

    private func generation(_ vocabulary: RequestVocabulary) throws -> GenerationParameters {
        var parameters = GenerationParameters(sampling: Self.defaults, topLogProbabilities: topLogProbabilities)
        let kept = try options?.integer("num_keep", in: 0...(1 << 24)) ?? 4
        if shifts { parameters.overflow = .shift(keep: kept) }
        guard let options else { return parameters }
        try SamplingFields.apply(options, to: &parameters.sampling, limits: .llamaServer, vocabulary: vocabulary)
        // Ollama: below zero is a random one.
        if let seed = try options.integer("seed"), seed < 0 { parameters.sampling.seed = nil }
        parameters.maxTokens = try options.integer("num_predict").flatMap { $0 > 0 ? $0 : nil }
        parameters.stop = try options.stops("stop") ?? []
        do throws(EngineError) {
            try parameters.sampling.validate()
        } catch {
            throw options.problem(error.place ?? "options", error.problem)
        }
        return parameters
    }

    /// The request's options over the model's.
    private static func options(_ fields: Fields, _ settings: ModelSettings) throws -> Fields? {
        let given = try fields.fields("options")
        guard !settings.parameters.isEmpty else { return given }
        var all = settings.parameters
        for member in given?.object ?? JSONObject() where !member.value.isNull { all[member.key] = member.value }
        return try Fields(.object(all), at: FieldPath("options"))
    }

    /// Ollama's defaults (api/types.go, DefaultOptions), where they differ from llama.cpp's.
    private static var defaults: SamplingParameters {
        var parameters = SamplingParameters()
        parameters.topP = 0.9
        parameters.minP = 0
        return parameters
    }

    /// `think`: true, false, or how much.
    private static func thinking(_ fields: Fields) throws -> (Bool?, String?) {
        guard let value = fields.value("think") else { return (nil, nil) }
        if let thinks = value.bool { return (thinks, nil) }
        let levels = ["low", "medium", "high", "max"]
        guard let level = value.string, levels.contains(level) else {
            throw fields.problem("think", "must be true, false, \"low\", \"medium\", \"high\" or \"max\"")
        }
        return (true, level)
    }

    /// `format`: "json" or a schema; `options.grammar` (GBNF) and `options.regex`, which Ollama has not.
    private static func format(_ fields: Fields, _ options: Fields?) throws -> AnswerFormat {
        let grammar = try options?.string("grammar").flatMap { $0.isEmpty ? nil : AnswerFormat.grammar($0) }
        let expression = try options?.string("regex").flatMap { $0.isEmpty ? nil : AnswerFormat.expression($0) }
        let named: AnswerFormat? =
            switch fields.value("format") {
            case nil, .string("")?: nil
            case .string("json")?: .json
            case .object(let schema)?: .schema(.object(schema))
            default: throw fields.problem("format", "must be \"json\" or a JSON Schema object")
            }
        let all = [named, grammar, expression].compactMap { $0 }
        guard all.count <= 1 else {
            throw fields.problem("format", "only one of format, options.grammar and options.regex can be used")
        }
        return all.first ?? .text
    }
}

extension OllamaAPI {
    /// `model`, or `name` as older clients say.
    static func modelName(_ fields: Fields) throws -> String {
        let name = try fields.first(of: ["model", "name"]) { key in
            try fields.string(key).flatMap { $0.isEmpty ? nil : $0 }
        }
        return try fields.required("model", name)
    }
}
