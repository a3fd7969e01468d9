import ArgumentParser
import Foundation
import SwiftletGround
import SwiftletEngine

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Let a model answer a prompt, or chat with it.",
        discussion: """
            With PROMPT, or with text on standard input, prints one answer; with both, the text follows the prompt after \
            a blank line. Without either, on a terminal, begins a chat: /help lists its commands.

              $ swiftlet run smollm2:135m "The capital of France is" --raw --temperature 0 --max-tokens 2
               Paris.
              $ swiftlet run smollm2:135m "The capital of France is" --raw --context 4
              swiftlet: error: the prompt has 5 tokens, but the context holds 4. Shorten the prompt or ask for a longer \
            --context
            """)

    @Argument(help: ArgumentHelp("A model of the library, or a path to a .gguf file.", valueName: "MODEL"))
    var model: String

    @Argument(help: ArgumentHelp("What to answer.", valueName: "PROMPT"))
    var prompt: String?

    @Flag(help: "Continue the prompt as it is, without the model's chat template.")
    var raw = false

    @Flag(help: "Print one JSON object at the end: text, tokens, counts, durations in seconds, finishReason.")
    var json = false

    @Flag(help: "Print tokens a second and the time to the first token on standard error.")
    var stats = false

    @Option(help: ArgumentHelp("Instructions for the model, before the conversation.", valueName: "text"))
    var system: String?

    @Option(
        help: ArgumentHelp("A chat template (Jinja) instead of the model's own.", valueName: "file"),
        completion: .file())
    var template: String?

    @Option(
        name: [.short, .customLong("context")],
        help: ArgumentHelp("Longest conversation in tokens (default: the model's, at most 8192).", valueName: "n"))
    var context: Int?

    @Flag(help: "Keep what is typed in a chat out of the history file.")
    var noHistory = false

    @OptionGroup(title: "Generation") var generation: GenerationArguments
    @OptionGroup(title: "Sampling") var sampling: SamplingArguments
    @OptionGroup(title: "Engine") var engine: EngineArguments

    func validate() throws {
        if raw, system != nil || template != nil {
            throw ValidationError("--raw uses no chat template, so --system and --template make no sense with it")
        }
        if let context, context < 1 { throw ValidationError("--context must be 1 or more") }
        _ = try parameters()
    }

    func run() async throws {
        let start = ContinuousClock.now
        guard let prompt = try PromptInput.read(prompt) else { return try await chat() }
        // Reading the weights begins only now: a prompt may have been long in coming.
        let runner = try await Runner(self)
        try await answer(prompt, with: runner, from: start)
    }

    /// The user's settings over the defaults.
    func parameters() throws -> GenerationParameters {
        var parameters = GenerationParameters()
        generation.apply(to: &parameters)
        try sampling.apply(to: &parameters.sampling)
        return parameters
    }

    private func chat() async throws {
        if raw || json {
            throw CommandError(
                .usage, "\(raw ? "--raw" : "--json") needs a prompt",
                advice: "Give one as an argument or on standard input")
        }
        let runner = try await Runner(self)
        let lines: any LineSource =
            TerminalMode.isInteractive
            ? Chat.editor(history: noHistory ? nil : LineHistory.usualFile) : PlainLines()
        try await Chat(runner, lines: lines, showsStatistics: stats).run()
    }
}
