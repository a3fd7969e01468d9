import ArgumentParser
import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModels

struct EmbedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Turn texts into vectors with an encoder (BERT, all-MiniLM, BGE).",
        discussion: """
            A vector of length 1 for each TEXT, or for each line of --file (- reads standard input). Texts that mean \
            the same point the same way: compare them by their dot product.

              $ swiftlet embed minilm.gguf "The cat sits outside" --json
              {"embeddings":[[0.1391911,0.0030290,...]]}
            """)

    @Argument(help: ArgumentHelp("A model of the library, or a path to a .gguf file.", valueName: "MODEL"))
    var model: String

    @Argument(help: ArgumentHelp("Texts to embed.", valueName: "TEXT"))
    var texts: [String] = []

    @Option(help: ArgumentHelp("A file with a text a line; - is standard input.", valueName: "F"), completion: .file())
    var file: String?

    @Flag(help: #"One JSON object: {"embeddings": [[...], ...]}."#)
    var json = false

    @Option(name: [.short, .long], help: ArgumentHelp("Worker threads (default: one a core).", valueName: "n"))
    var threads: Int?

    func validate() throws {
        if texts.isEmpty == (file == nil) { throw ValidationError("name texts, or a --file of them") }
        if let threads, threads < 1 || threads > 1024 { throw ValidationError("--threads must be from 1 to 1024") }
    }

    func run() async throws {
        let model = try EncoderModel(contentsOf: ModelArgument.locateFile(model))
        let embedder = Embedder(model, options: EngineOptions(threads: threads))
        let vectors = try await embedder.embed(file.map { try Self.lines(of: InputFile.text($0)) } ?? texts)
        if json {
            let rows = vectors.map { row in JSONValue.array(row.map { .number(Double($0.description) ?? 0) }) }
            let object: JSONObject = ["embeddings": .array(rows)]
            try StandardOutput.write(object.text() + "\n")
        } else {
            for vector in vectors {
                try StandardOutput.write(vector.map { $0.description }.joined(separator: " ") + "\n")
            }
        }
    }

    /// The lines of a text; the last may end without a line feed, and an empty line is an empty text.
    private static func lines(of text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.hasSuffix("\r") ? String($0.dropLast()) : String($0)
        }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
