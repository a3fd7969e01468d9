import ArgumentParser
import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletTensors

struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract:
            "Watch a running server: requests, tokens a second, queue, cache, memory, share of the machine's limit.",
        discussion: """
            Rates are those of the last five seconds. A prompt's tokens count when its first token comes; PROMPT/S leaves out \
            tokens that were found computed, which HITS tells. WEIGHTS/S is steps a second times the size of the model's file: \
            generation can be no faster than memory gives these bytes. --limit measures that first, for two seconds and with \
            all cores, on this machine, so a busy server makes it less.

              $ swiftlet top
              $ swiftlet top --host models.example.org:11434 --key-file ~/.swiftlet-key
              $ swiftlet top --once --json

            q or Ctrl-C ends it. Where standard output is no terminal, there is a line a second.
            """)

    @Option(
        help: ArgumentHelp(
            "The server's address, a port after a colon, or a URL (default: SWIFTLET_HOST or 127.0.0.1).",
            valueName: "address"))
    var host: String?

    @Option(help: ArgumentHelp("The server's port (default: SWIFTLET_PORT or 11434).", valueName: "n"))
    var port: Int?

    @Option(
        help: ArgumentHelp("File that holds an API key (default: the key in SWIFTLET_API_KEY).", valueName: "file"))
    var keyFile: String?

    @Option(help: ArgumentHelp("Time between two looks, from 0.2 s.", valueName: "time"))
    var interval = TimeSpan(.seconds(1))

    @Flag(help: "Measure what this machine's memory gives, and show generation's share of it.")
    var limit = false

    @Flag(help: "Show the numbers of one interval, and end.")
    var once = false

    @Flag(help: "Print JSON, a line an interval.")
    var json = false

    func validate() throws {
        if let port, !(1...65535).contains(port) { throw ValidationError("--port must be from 1 to 65535") }
        guard (.milliseconds(200)...(.seconds(3600))).contains(interval.duration) else {
            throw ValidationError("--interval must be from 200 ms to an hour")
        }
    }

    func run() async throws {
        let address = try ServerAddress(asked: host, port: port, at: "--host")
        guard !limit || address.isLocal else {
            throw CommandError(.usage, "measures this machine, and the server is on another one", at: "--limit")
        }
        let key = try keyFile.map { try Self.key(inFile: $0) } ?? ServerAddress.variable("SWIFTLET_API_KEY")
        try await ServerNumbers.with(address, key: key) { numbers in
            // Before the screen changes: what is wrong is said where it can be read.
            var first = try await numbers.read()
            var bandwidth: Double?
            if limit {
                bandwidth = Compute(threads: EngineOptions().threads).peaks().bandwidth
                first = try await numbers.read()
            }
            let watch = TopWatch(
                numbers: numbers, text: TopText(address: address.description, limit: bandwidth),
                interval: interval.duration, asJSON: json)
            if once {
                try await watch.once(first)
            } else if json || !TerminalMode.isInteractive {
                try await watch.lines(first)
            } else {
                try await TopScreen.with { [first] in try await watch.show(on: $0, first) }
            }
        }
    }

    private static func key(inFile path: String) throws -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandError(.input, "cannot be read as text", at: path)
        }
        let key = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !key.isEmpty, key.utf8.count <= 1024, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CommandError(.input, "holds no API key", at: path)
        }
        return key
    }
}
