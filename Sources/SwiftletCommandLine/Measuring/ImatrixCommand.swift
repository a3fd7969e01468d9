import ArgumentParser
import Foundation
import SwiftletEvaluation
import SwiftletGround
import SwiftletModelFiles
import SwiftletModels

struct ImatrixCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "imatrix",
        abstract: "Collect an importance matrix: how strongly a text drives each weight's inputs.",
        discussion: """
            Quantizers use it to spend their precision where it matters. Files are those of llama-imatrix, in both directions.

              $ swiftlet imatrix smollm2:135m --file calibration.txt --output smollm2.imatrix.gguf
              $ swiftlet imatrix smollm2:135m --file calibration.txt --output smollm2.imatrix.gguf --resume
              $ swiftlet imatrix --in-file a.imatrix.gguf --in-file b.imatrix.gguf --output both.imatrix.gguf
              $ swiftlet imatrix --in-file old.dat --output new.imatrix.gguf
              $ swiftlet imatrix --in-file smollm2.imatrix.gguf --show-statistics

            After every --save-every chunks, and on Ctrl-C, the output is written; --resume goes on from there. The \
            perplexity on the way tells whether model and text go together; an encoder (BERT) has none.
            """)

    @Argument(
        help: ArgumentHelp(
            "A model of the library, or a path to a .gguf file; none to merge, convert or show.", valueName: "MODEL"))
    var model: String?

    @Option(
        name: [.short, .long], help: ArgumentHelp("The text; - reads standard input.", valueName: "TEXT"),
        completion: .file())
    var file: String?

    @Option(name: [.short, .long], help: ArgumentHelp("The file to write.", valueName: "F"), completion: .file())
    var output: String?

    @Option(help: "gguf or dat (default: by the output's name).")
    var outputFormat: ImatrixFormat?

    @Option(
        name: .customLong("in-file"),
        help: ArgumentHelp("A matrix to go on from; with several, their sum.", valueName: "F"), completion: .file())
    var inFiles: [String] = []

    @OptionGroup var chunks: ChunkArguments

    @Option(help: ArgumentHelp("Leave out so many chunks at the text's beginning.", valueName: "n"))
    var fromChunk = 0

    @Option(help: ArgumentHelp("Write the output after every n chunks; 0 only at the end.", valueName: "n"))
    var saveEvery = 10

    @Flag(help: "Go on where the output stopped.")
    var resume = false

    @Flag(help: "Collect output.weight too.")
    var processOutput = false

    @Flag(
        name: .customLong("no-ppl"),
        help: "Leave out the perplexity on the way, which takes the output layer for half of the tokens.")
    var noPerplexity = false

    @Flag(help: "Read control tokens that are spelled out in the text as such.")
    var parseSpecial = false

    @Flag(help: "Show what a matrix says of each weight.")
    var showStatistics = false

    @Flag(help: "Print one JSON object: the file's facts and the perplexity, or the statistics.")
    var json = false

    @OptionGroup(title: "Engine") var engine: EngineArguments

    func validate() throws {
        if showStatistics {
            guard inFiles.count == 1 else { throw ValidationError("--show-statistics needs one --in-file") }
            guard model == nil, file == nil, output == nil else {
                throw ValidationError("--show-statistics goes with --in-file alone")
            }
            return
        }
        guard output != nil else { throw ValidationError("name a file to write: --output F") }
        guard (model == nil) == (file == nil) else {
            throw ValidationError("a model needs --file TEXT, and a text a MODEL")
        }
        guard model != nil || !inFiles.isEmpty else {
            throw ValidationError("name a MODEL with --file TEXT, or matrices with --in-file")
        }
        if resume, model == nil || !inFiles.isEmpty || fromChunk != 0 {
            throw ValidationError("--resume needs a MODEL and goes with neither --in-file nor --from-chunk")
        }
        if fromChunk < 0 || saveEvery < 0 { throw ValidationError("--from-chunk and --save-every must be 0 or more") }
    }

    func run() async throws {
        let earlier = try inFiles.map { try ImportanceMatrixFile(URL(filePath: $0)) }
        if showStatistics {
            let report = ImatrixStatisticsReport(earlier[0].statistics)
            return try StandardOutput.write(json ? report.json.text(.python) + "\n" : report.text)
        }
        let before = try Evaluator.merged(earlier, chunkSize: chunks.ctx)
        guard let output else { return }
        var (result, perplexity) = (before, Estimate?.none)
        if let model { (result, perplexity) = try await collect(model, after: before) }
        guard let result else { return }
        let report = ImatrixReport(output: output, matrix: result, perplexity: perplexity)
        try target(output).write(result)
        if json { try StandardOutput.write(report.json.text(.python) + "\n") } else { StandardError.write(report.text) }
    }

    func target(_ output: String) -> ImatrixTarget {
        ImatrixTarget(
            url: URL(filePath: output), format: outputFormat ?? (output.hasSuffix(".dat") ? .dat : .gguf))
    }
}

enum ImatrixFormat: String, ExpressibleByArgument, CaseIterable { case gguf, dat }
