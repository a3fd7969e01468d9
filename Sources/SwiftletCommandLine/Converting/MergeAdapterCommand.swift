import ArgumentParser
import Foundation
import SwiftletConversion
import SwiftletGround
import SwiftletModelFiles

struct MergeAdapterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge-adapter",
        abstract: "Merge LoRA adapters into a model.",
        discussion: """
            MODEL is a model of the library, a .gguf file, or a checkpoint's folder; ADAPTER a .gguf adapter or the \
            folder of a PEFT adapter. Tensors keep their types: quantized ones are decoded, changed and quantized again.

              $ swiftlet merge-adapter llama.gguf my-adapter --output merged.gguf
              8 of 21 tensors changed in merged.gguf
            """)

    @Argument(help: ArgumentHelp("The model.", valueName: "MODEL"), completion: .file())
    var model: String

    @Argument(help: ArgumentHelp("Adapters, merged in their order.", valueName: "ADAPTER"), completion: .file())
    var adapters: [String]

    @Option(name: [.short, .long], help: ArgumentHelp("The file to write.", valueName: "F"), completion: .file())
    var output: String

    @Option(help: ArgumentHelp("Factor of the adapters' own scale.", valueName: "x"))
    var scale: Float = 1

    func validate() throws {
        if adapters.isEmpty { throw ValidationError("name an adapter") }
        if !scale.isFinite { throw ValidationError("--scale must be a number") }
    }

    func run() async throws {
        let isFolder = AdapterArgument.isFolder(model)
        let base: any TensorSource =
            isFolder ? try Checkpoint(URL(filePath: model)).converted() : try GGUFFile(ModelArgument.locateFile(model))
        let opened = try adapters.map { (adapter: try AdapterArgument.open($0, of: model), scale: scale) }
        let merged = try MergedModel(base, adapters: opened)
        let url = URL(filePath: output)
        try await CleanEnd.of {
            try await ProgressLine.during(url.lastPathComponent) { line in
                try merged.write(to: url) { line.show($0, of: $1) }
            }
        }
        StandardError.write("\(merged.changedTensorCount) of \(merged.tensors.count) tensors changed in \(output)\n")
    }
}
