import ArgumentParser
import SwiftletLibrary

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove models from the library.",
        discussion: """
            Files that another name uses stay. --unused removes unfinished downloads, and files that
            no name uses (a killed pull may leave some).

              $ swiftlet rm smollm2:135m
              removed smollm2:135m, 98.4 MB free
            """)

    @Argument(help: "The models' names.")
    var models: [String] = []

    @Flag(help: "Remove unfinished downloads and files that no name uses.")
    var unused = false

    func validate() throws {
        if models.isEmpty, !unused { throw ValidationError("Name a model, or give --unused.") }
    }

    func run() throws {
        let library = try Library()
        let names = try models.map { try ModelName($0) }
        for name in names {
            let (full, freed) = try library.remove(name)
            print("removed \(full)" + (freed > 0 ? ", \(freed.asBytes) free" : ""))
        }
        if unused { print("removed what no name uses, \(try library.removeUnused().asBytes) free") }
    }
}
