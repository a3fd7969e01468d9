import ArgumentParser
import Foundation
import SwiftletConversion
import SwiftletGround
import SwiftletModelFiles
import SwiftletQuantizer

struct ConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert a Hugging Face checkpoint or LoRA adapter to a GGUF file.",
        discussion: """
            DIR holds config.json, safetensors files and a tokenizer; checkpoints quantized with GPTQ, AWQ, \
            bitsandbytes, FP8 or compressed-tensors are decoded. A folder with adapter_config.json is a LoRA adapter \
            and needs --base, the checkpoint or GGUF file that it is for. The file appears under its name only when it \
            is whole.

              $ swiftlet convert all-MiniLM-L6-v2 --output minilm.gguf --type f32
              101 tensors in minilm.gguf
              $ swiftlet pull all-minilm-l6-v2:22m
              $ swiftlet convert all-minilm-l6-v2:22m --output minilm.gguf --type q8_0
              101 tensors in minilm.gguf
            """)

    @Argument(
        help: ArgumentHelp(
            "The folder of a checkpoint or adapter, or a checkpoint of the library.", valueName: "DIR"),
        completion: .directory)
    var folder: String

    @Option(name: [.short, .long], help: ArgumentHelp("The file to write.", valueName: "F"), completion: .file())
    var output: String

    @Option(
        help: ArgumentHelp(
            """
            f32, f16, bf16, any file type of swiftlet quantize, or auto: the type of the checkpoint's first matrix in \
            16 bits, else f16 (adapters: f32).
            """, valueName: "type"))
    var type = "auto"

    @Option(
        help: ArgumentHelp("For an adapter: the checkpoint's folder or GGUF file that it is for.", valueName: "MODEL"),
        completion: .file())
    var base: String?

    @Flag(help: "Leave the tokenizer out, for a model that is only run on token ids.")
    var withoutTokenizer = false

    private var isAdapter: Bool {
        FileManager.default.fileExists(atPath: URL(filePath: folder).appending(path: "adapter_config.json").path)
    }

    func validate() throws {
        if OutputType(rawValue: type.lowercased()) == nil {
            do { _ = try FileType(named: type) } catch { throw ValidationError("\(error)") }
        }
        if base != nil, !isAdapter { throw ValidationError("--base is for LoRA adapters, and \(folder) is none") }
    }

    func run() async throws {
        let url = URL(filePath: output)
        func writing(_ work: @escaping @Sendable (ProgressLine) async throws -> Void) async throws {
            try await CleanEnd.of { try await ProgressLine.during(url.lastPathComponent, work) }
        }
        // What is to be quantized comes with all that the checkpoint says.
        let plain = OutputType(rawValue: type.lowercased())
        let converted =
            isAdapter
            ? try AdapterArgument.converted(folder, base: base, type: plain.map { $0 == .auto ? .f32 : $0 })
            : try Checkpoint(ModelArgument.locate(folder)).converted(to: plain ?? .f32, vocabulary: !withoutTokenizer)
        if plain == nil {
            let plan = try QuantizationPlan(converted, QuantizationOptions(FileType(named: type)))
            try plan.checkImportance()
            try await writing { line in
                try await Quantizer(plan, of: converted).write(to: [url]) { line.show($0.bytes, of: $0.totalBytes) }
            }
        } else {
            try await writing { line in try converted.write(to: url) { line.show($0, of: $1) } }
        }
        StandardError.write("\(converted.tensors.count) tensors in \(output)\n")
    }
}
