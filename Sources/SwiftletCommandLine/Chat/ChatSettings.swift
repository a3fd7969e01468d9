import ArgumentParser
import SwiftletEngine
import SwiftletGround

/// What `/set` can change: the options of `run` that concern an answer, under the same names.
struct ChatSettings: ParsableArguments {
    @OptionGroup var generation: GenerationArguments
    @OptionGroup var sampling: SamplingArguments

    /// Sets one option; throws the text to show if there is none of that name or the value is wrong.
    static func set(_ name: String, to value: String?, in parameters: inout GenerationParameters) throws(CommandError) {
        let option = "--" + name.replacing("_", with: "-")
        do {
            let settings = try parse([option] + (value.map { [$0] } ?? []))
            var changed = parameters
            settings.generation.apply(to: &changed)
            try settings.sampling.apply(to: &changed.sampling)
            parameters = changed
        } catch {
            throw CommandError(.usage, message(for: error).replacing("--", with: ""), at: "/set")
        }
    }

    /// The options that matter most and their values.
    static func text(of parameters: GenerationParameters) -> String {
        let sampling = parameters.sampling
        var table = TextTable()
        table.add("temperature", "\(sampling.temperature)")
        table.add("top-k", "\(sampling.topK)")
        table.add("top-p", "\(sampling.topP)")
        table.add("min-p", "\(sampling.minP)")
        table.add("repeat-penalty", "\(sampling.repeatPenalty)")
        table.add("seed", sampling.seed.map { "\($0)" } ?? "a new one for each answer")
        table.add("max-tokens", parameters.maxTokens.map { "\($0)" } ?? "what the context holds")
        if !parameters.stop.isEmpty { table.add("stop", parameters.stop.map { "\"\($0)\"" }.joined(separator: " ")) }
        return table.text(indent: "  ")
    }
}
