import ArgumentParser
import Foundation
import SwiftletEvaluation
import SwiftletGround

struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measure how far quantized models are from their base.",
        discussion: """
            Tells for each QUANT its perplexity and the ratio to the base's, the Kullback-Leibler divergence of its \
            predictions from the base's in nats (mean, median, 99 %, largest), how often both hold the same token for the \
            likeliest, and its size. The method is llama-perplexity's --kl-divergence, but nothing is rounded or spilled to \
            disk: the models take turns, some 2,000 tokens at a time. All must have one vocabulary.

              $ swiftlet compare model.f16.gguf model.q8_0.gguf model.q2_k.gguf --file evaluation.txt --chunks 20
            """)

    @Argument(help: ArgumentHelp("What the others are compared with.", valueName: "BASE"))
    var base: String

    @Argument(help: ArgumentHelp("Models of the library, or paths to .gguf files.", valueName: "QUANT"))
    var models: [String]

    @OptionGroup var text: TextArguments

    @Flag(help: "Print one JSON object: base, and models with all figures and quantiles.")
    var json = false

    @OptionGroup(title: "Engine") var engine: EngineArguments

    func validate() throws {
        if models.isEmpty { throw ValidationError("name at least one model to compare with the base") }
    }

    func run() async throws {
        let base = try engine.open(base, context: text.chunks.ctx)
        let others = try models.map { try engine.open($0, context: text.chunks.ctx) }
        let (evaluator, chunks) = (engine.evaluator, try text.text(for: base))
        let result = try await Interrupts(SIGINT, SIGTERM).cancelling {
            try await evaluator.compare(others, with: base, on: chunks) { progress in
                let divergences = progress.divergences.map { $0.fixed(5) }.joined(separator: " ")
                StandardError.write("[\(progress.chunk) of \(progress.chunks)] KL divergence \(divergences)\n")
            }
        }
        let report = ComparisonReport(base: self.base, models: models, file: text.file, result: result)
        try StandardOutput.write(json ? report.json.text(.python) + "\n" : report.text)
    }
}
