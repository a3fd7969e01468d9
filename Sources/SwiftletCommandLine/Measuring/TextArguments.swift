import ArgumentParser
import Foundation
import SwiftletEvaluation
import SwiftletModels

/// The text that models are measured on, and how it is cut.
struct TextArguments: ParsableArguments {
    @Option(
        name: [.short, .long], help: ArgumentHelp("The text; - reads standard input.", valueName: "TEXT"),
        completion: .file())
    var file: String

    @OptionGroup var chunks: ChunkArguments

    func text(for model: LanguageModel) throws -> ChunkedText {
        try ChunkedText(InputFile.text(file), for: model, context: chunks.ctx, limit: chunks.chunks)
    }
}

/// How a text is cut into chunks.
struct ChunkArguments: ParsableArguments {
    @Option(name: [.short, .long], help: ArgumentHelp("Tokens in a chunk.", valueName: "n"))
    var ctx = 512

    /// -1 is all, as llama.cpp's tools have it.
    @Option(
        name: .customLong("chunks"), parsing: .unconditional,
        help: ArgumentHelp("Most chunks to run (default: the whole text, also -1).", valueName: "N"))
    private var most: Int?

    /// Most chunks to run; nil for all.
    var chunks: Int? { most == -1 ? nil : most }

    func validate() throws {
        if ctx < ChunkedText.shortestContext {
            throw ValidationError("--ctx must be \(ChunkedText.shortestContext) or more")
        }
        if let chunks, chunks < 1 { throw ValidationError("--chunks must be 1 or more, or -1 for all") }
    }
}

extension EngineArguments {
    /// Opens a model to be measured with sequences of `context` tokens.
    func open(_ model: String, context: Int) throws -> LanguageModel {
        try LanguageModel(
            contentsOf: ModelArgument.locateFile(model),
            options: ModelOptions(slidingWindow: slidingWindow, contextLength: context))
    }

    var evaluator: Evaluator { Evaluator(options: engineOptions, cacheType: kvType) }
}
