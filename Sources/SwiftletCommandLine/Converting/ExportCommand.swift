public import ArgumentParser
import Foundation
public import SwiftletConversion
import SwiftletGround
import SwiftletModelFiles

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a model as a Hugging Face checkpoint.",
        discussion: """
            The folder gets config.json, model.safetensors and a tokenizer. Tensors in F32, F16 and BF16 keep every \
            bit: converting the checkpoint gives them again. Quantized ones are decoded to --decode.

              $ swiftlet export smollm2:135m --output smollm2
              272 tensors in smollm2
            """)

    @Argument(help: ArgumentHelp("A model of the library, or a path to a .gguf file.", valueName: "MODEL"))
    var model: String

    @Option(
        name: [.short, .long], help: ArgumentHelp("The folder to write, new or empty.", valueName: "DIR"),
        completion: .directory)
    var output: String

    @Option(help: "How quantized tensors are stored.")
    var decode: CheckpointExporter.DecodedType = .f16

    @Flag(help: "Leave the tokenizer out.")
    var withoutTokenizer = false

    func run() async throws {
        let file = try GGUFFile(ModelArgument.locateFile(model))
        let exporter = try CheckpointExporter(file, decoding: decode, vocabulary: !withoutTokenizer)
        let url = URL(filePath: output)
        try await CleanEnd.of { try exporter.write(to: url) }
        StandardError.write("\(file.tensors.count) tensors in \(output)\n")
    }
}

extension CheckpointExporter.DecodedType: ExpressibleByArgument {}
