import ArgumentParser
import SwiftletLibrary
import SwiftletServer

struct ConfigTemplateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template", abstract: "Print a configuration file with every setting, its meaning and its default."
    )

    func run() throws {
        try StandardOutput.write(ServerConfiguration(home: Library().home, []).template)
    }
}
