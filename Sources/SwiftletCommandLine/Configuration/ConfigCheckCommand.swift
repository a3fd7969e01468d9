import ArgumentParser
import Foundation
import SwiftletLibrary
import SwiftletServer

struct ConfigCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration file and the environment, and name everything that is wrong.",
        discussion: """
              $ swiftlet config check config.yaml
              config.yaml:3: parallel: must be an integer from 1 to 1024, not "many"
              config.yaml:7: "keep_alive" is no setting. It is called keep-alive
            """)

    @Argument(
        help: ArgumentHelp("The file (default: the one that serve would read).", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var file: String?

    func run() throws {
        let home = try Library().home
        var arguments = try ServerArguments.parse([])
        arguments.config = file
        let place = try arguments.configurationFile(home: home, ProcessInfo.processInfo.environment)
        let configuration = try arguments.configuration(home: home)
        guard configuration.problems.isEmpty else {
            for problem in configuration.problems { try StandardOutput.write("\(problem)\n") }
            throw ExitCode(1)
        }
        let count = configuration.values.count { $0.origin != .builtIn }
        try StandardOutput.write(
            "\(place?.relativePath ?? "no file"): all right (\(count) of \(configuration.values.count) settings given)\n"
        )
    }
}
