import ArgumentParser
import SwiftletEngine

/// When a generation ends and what happens in a full context; what is not given stays as it is.
struct GenerationArguments: ParsableArguments {
    @Option(
        name: [.long, .customShort("n")],
        help: ArgumentHelp("Most tokens to generate (default: what the context holds).", valueName: "n"))
    var maxTokens: Int?

    @Option(help: ArgumentHelp("A text that ends the answer and is not part of it; repeatable.", valueName: "text"))
    var stop: [String] = []

    @Flag(help: "Go on after the model has ended its answer, for measurements.")
    var ignoreEos = false

    @Flag(help: "In a full context forget the older half instead of ending with an error.")
    var contextShift = false

    @Option(help: ArgumentHelp("Tokens at the start that --context-shift never forgets (default: 0).", valueName: "n"))
    var keep: Int?

    func validate() throws {
        if let maxTokens, maxTokens < 0 { throw ValidationError("--max-tokens must be 0 or more") }
        if let keep, keep < 0 { throw ValidationError("--keep must be 0 or more") }
        if stop.contains("") { throw ValidationError("--stop must not be empty") }
    }

    /// Sets what was given.
    func apply(to parameters: inout GenerationParameters) {
        if let maxTokens { parameters.maxTokens = maxTokens }
        if !stop.isEmpty { parameters.stop = stop }
        if ignoreEos { parameters.ignoresEnd = true }
        if contextShift || keep != nil { parameters.overflow = .shift(keep: keep ?? 0) }
    }
}
