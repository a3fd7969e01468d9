import ArgumentParser
import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import SwiftletTokenizers

/// Whose vocabulary is meant; weights are not needed.
struct VocabularyArguments: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "A model of the library, a .gguf file (one with a vocabulary only will do), or a tokenizer.json.",
            valueName: "MODEL"), completion: .file(extensions: ["gguf", "json"]))
    var model: String

    func tokenizer() throws -> any Tokenizer {
        if model.hasSuffix(".json") { return try Self.tokenizer(json: model) }
        let url = try ModelArgument.locateFile(model)
        return try TokenizerLoader.load(from: GGUFFile(url))
    }

    /// A `tokenizer.json`, with the `tokenizer_config.json` beside it if there is one.
    private static func tokenizer(json path: String) throws -> any Tokenizer {
        let beside = URL(filePath: path).deletingLastPathComponent().appending(path: "tokenizer_config.json")
        do {
            return try TokenizerLoader.load(json: InputFile.bytes(path), configuration: try? Data(contentsOf: beside))
        } catch let error as TokenizerError {
            throw error.within(path)
        }
    }
}
