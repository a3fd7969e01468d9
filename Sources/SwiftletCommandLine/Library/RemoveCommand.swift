import ArgumentParser
import SwiftletLibrary

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove models from the library.",
        discussion: """
            Files that another name uses stay.

              $ swiftlet rm smollm2:135m
              removed smollm2:135m, 98.4 MB free
            """)

    @Argument(help: "The models' names.")
    var models: [String]

    func run() throws {
        let library = try Library()
        let names = try models.map { try ModelName($0) }
        for name in names {
            let (full, freed) = try library.remove(name)
            print("removed \(full)" + (freed > 0 ? ", \(freed.asBytes) free" : ""))
        }
    }
}
