import ArgumentParser
import Logging
import SwiftletLibrary
import SwiftletServer

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the library's models over HTTP: Ollama's, OpenAI's, Anthropic's and llama.cpp's APIs.",
        discussion: """
            Models are loaded when a request names them, and go when they are idle. Programs made for Ollama or OpenAI \
            need only the address. Other machines are let in with API keys: see `swiftlet key --help`.

              $ swiftlet serve
              Swiftlet listens on http://127.0.0.1:11434 (models: smollm2:135m)
              $ curl http://127.0.0.1:11434/api/generate -d '{"model": "smollm2:135m", "prompt": "Hello"}'
            """)

    @OptionGroup var server: ServerArguments

    func run() async throws {
        Allocator.prepare()
        let library = try Library()
        let options = try server.configuration(home: library.home).checked().options
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "swiftlet")
        logger.logLevel = options.logLevel
        let running = Server(options, library: library, logger: logger) { address in
            let names = library.names().map(\.description)
            let models = names.isEmpty ? "none yet: swiftlet pull smollm2:135m" : names.joined(separator: ", ")
            try? StandardOutput.write("Swiftlet listens on \(address) (models: \(models))\n")
        }
        try await running.runUntilSignal { [server] in
            try server.configuration(home: library.home).checked().options
        }
    }
}
