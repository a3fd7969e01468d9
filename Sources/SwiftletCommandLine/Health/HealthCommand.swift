import ArgumentParser
import Foundation
import SwiftletGround

struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask a running server whether it answers: exit status 0 if it does, 1 if not.",
        discussion: """
            For containers and scripts, which need no curl then.

              $ swiftlet health
              ok
              $ swiftlet health --ready 127.0.0.1:8080
              swiftlet: error: http://127.0.0.1:8080/ready: not ready: Loading model smollm2:135m
            """)

    @Argument(
        help: ArgumentHelp(
            "The server's address (default: SWIFTLET_HOST and SWIFTLET_PORT, or 127.0.0.1:11434).",
            valueName: "address"))
    var address: String?

    @Flag(help: "Ask whether it takes requests: not while its models are loaded, nor while it stops.")
    var ready = false

    @Option(help: ArgumentHelp("How long to wait for the answer.", valueName: "time"))
    var timeout = TimeSpan(.seconds(3))

    func run() async throws {
        let server = try ServerAddress(asked: address, at: "the server's address")
        try await HealthCheck.ask("\(server)/\(ready ? "ready" : "health")", timeout: timeout.duration)
        try StandardOutput.write("ok\n")
    }
}
