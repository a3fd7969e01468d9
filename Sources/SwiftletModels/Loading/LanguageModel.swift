public import Foundation
import SwiftletGround
public import SwiftletModelFiles
import SwiftletTensors
public import SwiftletTemplates
public import SwiftletTokenizers
import Synchronization

/// A model file opened to run: its weights stay mapped, its vocabulary and chat template are read when first asked for.
public final class LanguageModel: Sendable {
    public let file: GGUFFile
    public let configuration: ModelConfiguration
    public let options: ModelOptions
    package let decoder: Decoder
    private let lazy = Mutex(Lazy())

    /// Opens a GGUF file (or the first of its shards) without reading its weights.
    ///
    /// Throws `ModelFileError` for a file that is damaged, `ModelError` for one that cannot run: an unknown architecture,
    /// missing settings or weights, weights of the wrong shape.
    public convenience init(contentsOf url: URL, options: ModelOptions = ModelOptions()) throws {
        let file = try GGUFFile(url)
        do throws(ModelError) {
            try self.init(file, options: options)
        } catch {
            throw error.within(url.lastPathComponent)
        }
    }

    package init(_ file: GGUFFile, options: ModelOptions) throws(ModelError) {
        self.file = file
        self.options = options
        decoder = try ArchitectureCatalog.load(WeightSource(file), options)
        configuration = decoder.configuration
        // While the caller reads the vocabulary, another core can see to the pages of the weights.
        file.populate()
    }

    /// The files that the model was read from.
    package var urls: [URL] { file.urls }

    /// Longest sequence that sessions hold unless asked otherwise, in tokens.
    public var contextLength: Int { configuration.contextLength(options) }

    /// The vocabulary and its rules. Throws if the file has none or an unknown kind.
    public var tokenizer: any Tokenizer {
        get throws {
            try lazy.withLock { lazy in
                if let tokenizer = lazy.tokenizer { return tokenizer }
                let tokenizer = try readTokenizer()
                lazy.tokenizer = tokenizer
                return tokenizer
            }
        }
    }

    /// The file's chat template; nil if it has none.
    public var chatTemplate: ChatTemplate? {
        get throws {
            try lazy.withLock { lazy in
                if let template = lazy.template { return template }
                guard let source = try file.metadata.string(ifPresent: "tokenizer.chat_template") else { return nil }
                let template = try ChatTemplate(source: source)
                lazy.template = template
                return template
            }
        }
    }

    private func readTokenizer() throws -> any Tokenizer {
        let tokenizer = try TokenizerLoader.load(from: GGUFTokenizerMetadata(file.metadata))
        guard tokenizer.vocabulary.count <= configuration.vocabularySize else {
            throw ModelError(
                .configuration,
                "the vocabulary has \(tokenizer.vocabulary.count) tokens, the model only \(configuration.vocabularySize)",
                at: "tokenizer.ggml.tokens", advice: ModelError.damagedAdvice)
        }
        return tokenizer
    }

    private struct Lazy {
        var tokenizer: (any Tokenizer)?
        var template: ChatTemplate?
    }
}
