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
            The folder gets config.json, model.safetensors (or model-00001-of-0000n.safetensors and so on, with \
            their index) and a tokenizer, all together when all are whole. Tensors in F32, F16 and BF16 keep every \
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

    @Option(
        help: ArgumentHelp(
            "Most bytes of weights in a file; more go into several, with an index: 500MB, 2GiB.", valueName: "size"))
    var maxShardSize = ByteSize(CheckpointExporter.usualShardSize)

    @Flag(help: "Leave the tokenizer out.")
    var withoutTokenizer = false

    func run() async throws {
        let file = try GGUFFile(ModelArgument.locateFile(model))
        let exporter = try CheckpointExporter(file, decoding: decode, vocabulary: !withoutTokenizer)
        let url = URL(filePath: output)
        let shardSize = maxShardSize.bytes
        try await CleanEnd.of {
            try await ProgressLine.during(url.lastPathComponent) { line in
                try exporter.write(to: url, shardSize: shardSize) { line.show($0, of: $1) }
            }
        }
        StandardError.write("\(file.tensors.count) tensors in \(output)\n")
    }
}

extension CheckpointExporter.DecodedType: ExpressibleByArgument {}
