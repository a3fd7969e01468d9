import ArgumentParser
import Foundation
import SwiftletGround
import SwiftletLibrary
import SwiftletQuantizer

struct QuantizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Make a model smaller: weights in fewer bits.",
        usage: """
            swiftlet quantize [<options>] <input> [<output>] <type>
            swiftlet quantize --all [<options>] <input> [<folder>]
            """,
        discussion: """
            INPUT is a .gguf file or a model of the library; OUTPUT a path to a .gguf file, or a name for the library. \
            Without OUTPUT the new model lies beside the old one: smollm2:135m-f16 becomes smollm2:135m-q4_k_m, \
            SmolLM2-F16.gguf becomes SmolLM2-Q4_K_M.gguf. The bytes are those that llama-quantize writes.

              $ swiftlet quantize SmolLM2-F16.gguf SmolLM2-Q4_K_M.gguf Q4_K_M
              $ swiftlet quantize smollm2:135m-f16 Q4_K_M
              $ swiftlet quantize --imatrix smollm2.imatrix.gguf SmolLM2-F16.gguf IQ2_XS
              $ swiftlet quantize --dry-run SmolLM2-F16.gguf Q3_K_M

            Types: \(FileType.allCases.map(\.name).joined(separator: ", ")); Q3_K, Q4_K and Q5_K mean Q3_K_M, Q4_K_M \
            and Q5_K_M.
            """)

    @Argument(help: "The model.")
    var input: String

    @Argument(help: ArgumentHelp("Where the new model goes, and its type.", valueName: "output> <type"))
    var rest: [String] = []

    @OptionGroup(title: "What tensors get")
    var quantization: QuantizationArguments

    @OptionGroup(title: "The machine")
    var machine: QuantizationResourceArguments

    @Flag(help: "Make the ladder of types, from Q8_0 down.")
    var all = false

    @Flag(help: "Show types and sizes, and write nothing.")
    var dryRun = false

    @Flag(help: "Read the new file again and show the error of each tensor.")
    var verify = false

    @Flag(help: "Remove the original once the new model is verified.")
    var replace = false

    @Flag(help: "Print JSON: one object, with --all an array.")
    var json = false

    func validate() throws {
        if all {
            if rest.count > 1 { throw ValidationError("--all takes INPUT and perhaps a folder") }
            if replace { throw ValidationError("--all and --replace do not go together") }
        } else if rest.isEmpty || rest.count > 2 {
            throw ValidationError("Give INPUT [OUTPUT] TYPE, for instance: swiftlet quantize in.gguf out.gguf Q4_K_M")
        }
        if !all {
            do { _ = try FileType(named: rest[rest.count - 1]) } catch { throw ValidationError("\(error)") }
        }
        if dryRun, replace || verify { throw ValidationError("--dry-run writes nothing that could be verified") }
    }

    func run() async throws {
        let input = try QuantizeInput(input)
        if replace, input.isCheckpoint, input.name == nil {
            throw ValidationError("--replace removes .gguf files and models of the library, no folders")
        }
        let types =
            all
            ? FileType.ladder(hasImportance: quantization.imatrix != nil) : [try FileType(named: rest[rest.count - 1])]
        // The matrix is read once for all types.
        var options = try quantization.options(types[0])
        var jobs: [QuantizeJob] = []
        for type in types {
            options.fileType = type
            jobs.append(try job(options, input))
        }
        if dryRun {
            let reports = jobs.map { QuantizeReport(dryRun: $0.plan, of: input) }
            return try print(reports) { (all ? "" : $0.planTable) + $0.summary + $0.notes }
        }
        for job in jobs { try job.plan.checkImportance() }
        let reports = try await run(jobs)
        if json { try print(reports) { _ in "" } }
        guard replace else { return }
        try QuantizeReplacement(input).remove()
        if !json { try StandardOutput.write("removed \(input.title)\n") }
    }

    private func job(_ options: QuantizationOptions, _ input: QuantizeInput) throws -> QuantizeJob {
        let type = options.fileType
        let target: QuantizeTarget =
            if all {
                QuantizeTarget(type, of: input, in: rest.first.map { URL(filePath: $0, directoryHint: .isDirectory) })
            } else {
                rest.count == 2 ? try QuantizeTarget(rest[0]) : QuantizeTarget(type, of: input)
            }
        return QuantizeJob(
            input: input, plan: try QuantizationPlan(input.source, options), target: target,
            keepsSplit: quantization.keepSplit, verifies: verify || replace, resources: machine.resources)
    }

    private func run(_ jobs: [QuantizeJob]) async throws -> [QuantizeReport] {
        let json = json
        return try await CleanEnd.of {
            var reports: [QuantizeReport] = []
            for job in jobs {
                let report = try await job.run()
                if !json { try StandardOutput.write(report.notes + report.accuracyTable + report.summary) }
                reports.append(report)
            }
            return reports
        }
    }

    private func print(_ reports: [QuantizeReport], _ text: (QuantizeReport) -> String) throws {
        if json {
            let values = reports.map(\.json)
            try StandardOutput.write((all ? JSONValue.array(values) : values[0]).text(.pretty) + "\n")
        } else {
            try StandardOutput.write(reports.map(text).joined())
        }
    }
}
