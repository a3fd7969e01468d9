import ArgumentParser
import Foundation
import SwiftletEvaluation
import SwiftletGround

struct PerplexityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perplexity",
        abstract: "Measure how well a model predicts a text.",
        discussion: """
            The method is llama-perplexity's, so that numbers can be compared: the text is cut into chunks of --ctx tokens, \
            and the second half of each is scored. Standard error shows the perplexity after each chunk.

              $ swiftlet perplexity smollm2:135m --file evaluation.txt --chunks 4
              [1]35.8463,[2]27.3882,[3]25.7173,[4]24.7647,
              perplexity 24.7647 ± 2.1134 (1020 tokens of 4 chunks, 1126 tokens/s)
            """)

    @Argument(help: ArgumentHelp("A model of the library, or a path to a .gguf file.", valueName: "MODEL"))
    var model: String

    @OptionGroup var text: TextArguments

    @Flag(help: "Print one JSON object: perplexity, its error, the running values, counts, duration in seconds.")
    var json = false

    @OptionGroup(title: "Engine") var engine: EngineArguments

    func run() async throws {
        let model = try engine.open(model, context: text.chunks.ctx)
        let (evaluator, chunks) = (engine.evaluator, try text.text(for: model))
        let result = try await Interrupts(SIGINT, SIGTERM).cancelling {
            try await evaluator.perplexity(of: model, on: chunks) {
                StandardError.write(
                    "[\($0.chunk)]\($0.perplexity.fixed(4))," + ($0.chunk == $0.chunks ? "\n" : ""))
            }
        }
        let report = PerplexityReport(model: self.model, file: text.file, result: result)
        try StandardOutput.write(json ? report.json.text(.python) + "\n" : report.text)
    }
}

/// A perplexity as `--json` and people read it.
struct PerplexityReport {
    let model: String
    let file: String
    let result: PerplexityResult

    /// All tokens that were run a second, those of the first halves too.
    var tokensPerSecond: Double { Double(result.chunks * result.context) / max(result.duration.seconds, 1e-9) }

    var text: String {
        "perplexity \(result.perplexity.fixed(4)) (\(result.scoredTokens) tokens of \(result.chunks) chunks, "
            + "\(tokensPerSecond.fixed(0)) tokens/s)\n"
    }

    var json: JSONValue {
        [
            "model": .string(model), "file": .string(file), "context": .integer(Int64(result.context)),
            "chunks": .integer(Int64(result.chunks)), "scoredTokens": .integer(Int64(result.scoredTokens)),
            "perplexity": result.perplexity.json, "surprise": result.surprise.json,
            "running": .array(result.running.map(JSONValue.number)),
            "duration": .number(result.duration.seconds), "tokensPerSecond": .number(tokensPerSecond),
            "peakMemory": .integer(Int64(ProcessMemory.peak)),
        ]
    }
}
