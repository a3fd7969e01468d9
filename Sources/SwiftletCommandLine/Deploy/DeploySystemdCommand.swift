import ArgumentParser
import SwiftletDeployment

struct DeploySystemdCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "systemd",
        abstract: "Units for a machine with systemd: the server with little more rights than to read its model.")

    @OptionGroup var arguments: DeployArguments

    @Option(help: ArgumentHelp("Where the executable lies there.", valueName: "path"))
    var binary = "/usr/local/bin/swiftlet"

    func run() throws {
        var deployment = try arguments.deployment()
        deployment.binary = binary
        try arguments.finish(.systemd, deployment)
    }
}
