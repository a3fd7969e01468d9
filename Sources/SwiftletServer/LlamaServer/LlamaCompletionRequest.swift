package import SwiftletEngine
package import SwiftletGround
import SwiftletTokenizers

/// The body of llama-server's `POST /completion` and `/infill`.
package struct LlamaCompletionRequest: Sendable {
    package var model: String?
    package var streams: Bool
    package var choices: Int
    package var prompts: [CompletionRequest.Prompt]
    package var returnsTokens: Bool
    package var reportsProgress: Bool
    /// Members of the response that are wanted, with a slash for one inside another; empty for all.
    package var responseFields: [String]
    package var settings: RequestSettings

    package init(_ body: JSONValue, defaults: RequestDefaults, infills: Bool = false) throws {
        let fields = try Fields(body)
        model = try fields.string("model")
        streams = try fields.bool("stream") ?? false
        choices = try fields.first(of: ["n_cmpl", "n"]) { try fields.integer($0, in: 1...128) } ?? 1
        returnsTokens = try fields.bool("return_tokens") ?? false
        reportsProgress = try fields.bool("return_progress") ?? false
        responseFields = try fields.strings("response_fields") ?? []
        settings = defaults.settings
        settings.format = try FormatFields.read(fields)
        try SamplingFields.apply(
            fields, to: &settings.generation.sampling, limits: .llamaServer, vocabulary: defaults.vocabulary)
        let limit = try fields.first(of: ["n_predict", "max_completion_tokens", "max_tokens"]) { key in
            try fields.integer(key, in: -1...Int(Int32.max))
        }
        if let limit { settings.generation.maxTokens = limit == -1 ? nil : limit }
        if let stop = try fields.stops("stop"), !stop.isEmpty { settings.generation.stop = stop }
        settings.generation.ignoresEnd = try fields.bool("ignore_eos") ?? settings.generation.ignoresEnd
        settings.usesPrefixCache = try fields.bool("cache_prompt") ?? true
        settings.generation.tellsChancesOfSampling = try fields.bool("post_sampling_probs") ?? false
        let most = try fields.first(of: ["n_probs", "logprobs"]) { try fields.integer($0, in: 0...100) } ?? 0
        settings.generation.topLogProbabilities = most > 0 ? most : nil
        prompts =
            infills
            ? [try Self.infill(fields)]
            : try PromptFields.read(fields, "prompt", vocabulary: defaults.vocabulary)
        try PromptFields.check(prompts.count, times: choices, fields)
    }

    /// All requests, a prompt's choices after each other.
    package var requests: [CompletionRequest] {
        prompts.flatMap { prompt in
            (0..<choices).map {
                CompletionRequest(prompt: prompt, settings: GenerationFields.settings(settings, choice: $0))
            }
        }
    }

    /// What stands before and after the cursor; files of the same project go before both.
    private static func infill(_ fields: Fields) throws -> CompletionRequest.Prompt {
        let prefix = try fields.required("input_prefix", fields.string("input_prefix"))
        let suffix = try fields.required("input_suffix", fields.string("input_suffix"))
        let prompt = try fields.string("prompt") ?? ""
        var before = ""
        for extra in try fields.list("input_extra") ?? [] {
            let text = try extra.required("text", extra.string("text"))
            // The line that llama.cpp writes for models without tokens for files.
            before += "--- snippet ---\n\n" + (try extra.string("filename").map { "\($0)\n" } ?? "") + text + "\n"
        }
        return .infill(prefix: before + prefix + prompt, suffix: suffix)
    }
}
