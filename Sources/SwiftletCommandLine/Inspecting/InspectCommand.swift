import ArgumentParser
import Foundation
import SwiftletGround

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show the metadata and tensors of a model file.",
        discussion: """
            Reads only what stands before the weights, so a large file takes no longer than a small one. F is a .gguf \
            file, a .safetensors file, a folder with a checkpoint, or a model of the library.

            A tensor's shape is in the order of its file: innermost first in GGUF, outermost first in safetensors. Its \
            offset counts from the start of the data section, fileOffset (in JSON) from the start of the file.
            """)

    @Argument(help: ArgumentHelp("The file, checkpoint folder or model.", valueName: "F"))
    var file: String

    @Flag(help: "One JSON object: file, metadata, tensors, totals.")
    var json = false

    @Option(help: ArgumentHelp("Most elements shown of an array (default: 6; with --json all).", valueName: "n"))
    var limit: Int?

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit must be 0 or more") }
    }

    func run() throws {
        let inspection = try Inspection(of: ModelArgument.locate(file))
        if json {
            try StandardOutput.write(inspection.json(limit: limit ?? .max).text(.pretty) + "\n")
        } else {
            try StandardOutput.write(inspection.text(limit: limit ?? 6))
        }
    }
}
