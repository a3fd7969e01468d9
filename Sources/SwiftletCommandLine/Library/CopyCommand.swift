import ArgumentParser
import SwiftletLibrary

struct CopyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cp",
        abstract: "Give a model a second name.",
        discussion: """
            The files are shared, so this takes no space.

              $ swiftlet cp smollm2:135m assistant
              copied smollm2:135m to assistant:latest
            """)

    @Argument(help: "The model's name.")
    var source: String

    @Argument(help: "The new name; a model that has it is replaced.")
    var target: String

    func run() throws {
        let (from, to) = try Library().copy(ModelName(source), to: ModelName(target))
        print("copied \(from) to \(to)")
    }
}
