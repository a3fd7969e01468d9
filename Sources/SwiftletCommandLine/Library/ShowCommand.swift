import ArgumentParser
import SwiftletLibrary

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what is known of a model in the library.",
        discussion: """
              $ swiftlet show smollm2:135m
              $ swiftlet show smollm2:135m --json
            """)

    @Argument(help: "A model's name.")
    var model: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let library = try Library()
        let location = try library.resolve(model)
        guard let manifest = location.manifest else {
            throw CleanExit.message("\(model) is a file; `swiftlet inspect \(model)` reads it")
        }
        let summary = ModelSummary(manifest, location: location.url)
        if json { return try JSONOutput.print(summary) }
        try StandardOutput.write(summary.table.text())
    }
}
