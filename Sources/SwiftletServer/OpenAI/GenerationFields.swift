import SwiftletEngine
import SwiftletGround
import SwiftletTokenizers

/// The settings that requests of OpenAI's family share.
enum GenerationFields {
    /// Most choices of one request, as OpenAI has it.
    static let choices = 1...128

    static func settings(_ fields: Fields, _ defaults: RequestDefaults) throws -> RequestSettings {
        var settings = defaults.settings
        settings.format = try FormatFields.read(fields)
        let sampling = \GenerationParameters.sampling
        try SamplingFields.apply(
            fields, to: &settings.generation[keyPath: sampling], limits: .openAI, vocabulary: defaults.vocabulary)
        if let most = try maxTokens(fields) { settings.generation.maxTokens = most == -1 ? nil : most }
        if let stop = try fields.stops("stop") { settings.generation.stop = stop }
        settings.generation.ignoresEnd = try fields.bool("ignore_eos") ?? settings.generation.ignoresEnd
        settings.usesPrefixCache = try fields.bool("cache_prompt") ?? true
        // vLLM's: lower goes first. A request may let others go before it, and never goes before them by asking.
        settings.priority -= try min(max(fields.integer("priority") ?? 0, 0), 1000)
        return settings
    }

    /// The most tokens of an answer; -1 is llama.cpp's word for no limit.
    private static func maxTokens(_ fields: Fields) throws -> Int? {
        try fields.first(of: ["max_completion_tokens", "max_tokens", "n_predict"]) { key in
            try fields.integer(key) == -1 ? -1 : fields.integer(key, in: 1...Int(Int32.max))
        }
    }

    /// The settings of one of several choices: equal seeds would give equal answers.
    static func settings(_ settings: RequestSettings, choice: Int) -> RequestSettings {
        var settings = settings
        if let seed = settings.generation.sampling.seed {
            settings.generation.sampling.seed = seed &+ UInt64(choice)
        }
        return settings
    }
}
