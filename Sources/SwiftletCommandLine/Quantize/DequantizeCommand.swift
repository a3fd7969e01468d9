import ArgumentParser
import Foundation
import SwiftletGround
import SwiftletQuantizer

struct DequantizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dequantize",
        abstract: "Write a model's weights in 16 or 32 bits again.",
        discussion: """
            What quantizing has lost does not come back. INPUT and OUTPUT are as in `swiftlet quantize`.

              $ swiftlet dequantize smollm2-Q4_1.gguf smollm2-F16.gguf
            """)

    @Argument(help: "The model.")
    var input: String

    @Argument(help: "A path to a .gguf file, or a name for the library (default: beside the model).")
    var output: String?

    @Option(help: "The type of the weights.")
    var type = PlainType.f16

    @OptionGroup(title: "The machine")
    var machine: QuantizationResourceArguments

    @Flag(help: "Print JSON.")
    var json = false

    enum PlainType: String, ExpressibleByArgument, CaseIterable {
        case f16, bf16, f32

        var fileType: FileType {
            switch self {
            case .f16: .f16
            case .bf16: .bf16
            case .f32: .f32
            }
        }
    }

    func run() async throws {
        let input = try QuantizeInput(input)
        var options = QuantizationOptions(type.fileType)
        options.allowsRequantizing = true
        let job = QuantizeJob(
            input: input, plan: try QuantizationPlan(input.source, options),
            target: try output.map { try QuantizeTarget($0) } ?? QuantizeTarget(type.fileType, of: input),
            keepsSplit: false, verifies: false, resources: machine.resources)
        let report = try await CleanEnd.of { try await job.run() }
        try StandardOutput.write(json ? report.json.text(.pretty) + "\n" : report.summary)
    }
}
