import ArgumentParser
import Foundation
import SwiftletGround
import SwiftletEngine
import SwiftletModelFiles
import SwiftletModels
import SwiftletTokenizers

struct LogitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logits",
        abstract: "Write a model's logits for given tokens to a file.",
        discussion: """
            The file holds float32 numbers, little endian: a row of the vocabulary's size for each token. It appears \
            under its name only when it is whole. Models without a usable vocabulary work too.

              $ swiftlet logits --model smollm2:135m --tokens 19556,905 --output logits.f32
              2 x 49152 logits in logits.f32
            """)

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("A model of the library, or a path to a .gguf file.", valueName: "MODEL"),
        completion: .file(extensions: ["gguf"]))
    var model: String

    @Option(help: ArgumentHelp("Token ids: 1,2,3; - reads them from standard input.", valueName: "ids"))
    var tokens: String

    @Option(name: [.short, .long], help: ArgumentHelp("The file to write.", valueName: "F"), completion: .file())
    var output: String

    @OptionGroup var engine: EngineArguments

    func run() async throws {
        let tokens = try TokenList.parse(tokens == "-" ? InputFile.text("-") : tokens)
        guard !tokens.isEmpty else { throw CommandError(.input, "there are no tokens", at: "--tokens") }
        let longest = tokens.count > ModelOptions.usualContext ? tokens.count : nil
        let options = ModelOptions(slidingWindow: engine.slidingWindow, contextLength: longest)
        let model = try LanguageModel(contentsOf: ModelArgument.locateFile(model), options: options)
        let engine = Engine(model, options: engine.engineOptions)
        let session = try await engine.makeSession(contextLength: tokens.count, cacheType: self.engine.kvType)
        let file = LogitsFile(replacement: try FileReplacement(URL(filePath: output)))
        let columns = model.configuration.vocabularySize
        try await engine.logits(of: tokens, in: session) { _, logits in
            try file.replacement.write(UnsafeRawBufferPointer(logits))
        }
        try file.replacement.commit()
        StandardError.write("\(tokens.count) x \(columns) logits in \(output)\n")
    }
}

/// The file in the hands of the engine.
private struct LogitsFile: @unchecked Sendable {
    // Sendable: the engine writes only while `run` awaits it, and `run` only after.

    let replacement: FileReplacement
}
