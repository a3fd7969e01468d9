package import SwiftletEngine
package import SwiftletGround
import SwiftletTokenizers

/// The body of `POST /v1/completions`.
package struct OpenAICompletionRequest: Sendable {
    package var model: String?
    package var delivery: StreamFields
    /// Answers to each prompt, and how many are tried for them; the likeliest are sent.
    package var choices: Int
    package var candidates: Int
    package var prompts: [CompletionRequest.Prompt]
    /// Before each answer, the prompt's text.
    package var echo: [String]?
    /// How many likely tokens go beside each token; nil for no log probabilities.
    package var logProbabilities: Int?
    private var settings: RequestSettings

    package init(_ body: JSONValue, defaults: RequestDefaults) throws {
        let fields = try Fields(body)
        model = try fields.string("model")
        delivery = try StreamFields(fields)
        choices = try fields.integer("n", in: GenerationFields.choices) ?? 1
        candidates = try fields.integer("best_of", in: choices...GenerationFields.choices.upperBound) ?? choices
        guard candidates == choices || !delivery.streams else {
            throw fields.problem("best_of", "results cannot be streamed when 'best_of' is greater than 'n'")
        }
        settings = try GenerationFields.settings(fields, defaults)
        // OpenAI's own default, short as it is.
        if !["max_completion_tokens", "max_tokens", "n_predict"].contains(where: fields.has) {
            settings.generation.maxTokens = 16
        }
        logProbabilities = try fields.integer("logprobs", in: 0...20)
        settings.generation.topLogProbabilities = logProbabilities ?? (candidates > choices ? 0 : nil)
        prompts = try PromptFields.read(fields, "prompt", vocabulary: defaults.vocabulary)
        try PromptFields.check(prompts.count, times: candidates, fields)
        if let suffix = try fields.string("suffix"), !suffix.isEmpty { try addSuffix(suffix, fields) }
        if try fields.bool("echo") ?? false { try readEcho(fields, defaults) }
    }

    /// All requests, a prompt's candidates after each other.
    package var requests: [CompletionRequest] {
        prompts.flatMap { prompt in
            (0..<candidates).map {
                CompletionRequest(prompt: prompt, settings: GenerationFields.settings(settings, choice: $0))
            }
        }
    }

    private mutating func addSuffix(_ suffix: String, _ fields: Fields) throws {
        prompts = try prompts.map { prompt in
            guard case .text(let prefix, _) = prompt else {
                throw fields.problem("suffix", "a suffix needs a prompt that is a text")
            }
            return .infill(prefix: prefix, suffix: suffix)
        }
    }

    private mutating func readEcho(_ fields: Fields, _ defaults: RequestDefaults) throws {
        guard logProbabilities == nil else {
            throw fields.problem(
                "echo", "log probabilities of the prompt are not offered; leave 'echo' or 'logprobs' out")
        }
        echo = try prompts.map { prompt in
            switch prompt {
            case .text(let text, _), .infill(let text, _): text
            case .tokens(let tokens): try defaults.vocabulary.tokenizer?.decode(tokens, special: true) ?? ""
            }
        }
    }
}
