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

    @Option(
        help: ArgumentHelp("A JSON Schema that the answer must obey.", valueName: "file"), completion: .file())
    var schema: String?

    @Option(
        help: ArgumentHelp("A grammar (GBNF) that the answer must obey.", valueName: "file"), completion: .file())
    var grammar: String?

    @Flag(help: "The answer is a JSON object.")
    var jsonObject = false

    func validate() throws {
        if [schema != nil, grammar != nil, jsonObject].count(where: { $0 }) > 1 {
            throw ValidationError("only one of --schema, --grammar and --json-object can bind the answer")
        }
        if let maxTokens, maxTokens < 0 { throw ValidationError("--max-tokens must be 0 or more") }
        if let keep, keep < 0 { throw ValidationError("--keep must be 0 or more") }
        if stop.contains("") { throw ValidationError("--stop must not be empty") }
    }

    /// What form the answer must have; reads the file that was named.
    func format() throws -> AnswerFormat {
        if let schema { return .schema(try InputFile.json(schema)) }
        if let grammar { return .grammar(try InputFile.text(grammar)) }
        return jsonObject ? .json : .text
    }

    /// Sets what was given.
    func apply(to parameters: inout GenerationParameters) {
        if let maxTokens { parameters.maxTokens = maxTokens }
        if !stop.isEmpty { parameters.stop = stop }
        if ignoreEos { parameters.ignoresEnd = true }
        if contextShift || keep != nil { parameters.overflow = .shift(keep: keep ?? 0) }
    }
}
