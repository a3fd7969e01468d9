public import Foundation
import SwiftletGround
public import SwiftletModelFiles
import SwiftletTensors
public import SwiftletTokenizers

/// A model file of an encoder opened to run: its weights stay mapped.
public final class EncoderModel: Sendable {
    public let file: GGUFFile
    public let configuration: EncoderConfiguration
    public let tokenizer: any Tokenizer
    package let encoder: Encoder

    /// Opens a GGUF file without reading its weights.
    ///
    /// Throws `ModelFileError` for a file that is damaged, `TokenizerError` for its vocabulary, `ModelError` for one
    /// that is no encoder or lacks settings or weights.
    public init(contentsOf url: URL) throws {
        file = try GGUFFile(url)
        do throws(ModelError) {
            encoder = try EncoderCatalog.load(WeightSource(file))
        } catch {
            throw error.within(url.lastPathComponent)
        }
        configuration = encoder.configuration
        tokenizer = try TokenizerLoader.load(from: file)
        guard tokenizer.vocabulary.count <= configuration.vocabularySize else {
            throw ModelError(
                .configuration,
                "the vocabulary has \(tokenizer.vocabulary.count) tokens, the model only \(configuration.vocabularySize)",
                at: "tokenizer.ggml.tokens", advice: "The file is damaged or was converted wrongly")
        }
    }

    /// Whether the file is of an encoder, not of a model that writes text.
    public static func fits(_ file: GGUFFile) -> Bool {
        (try? file.metadata.string("general.architecture")).map { EncoderCatalog.contains($0) } ?? false
    }

    /// The tokens of a text with those around it, at most `contextLength`: what is too long loses its end, not the
    /// token that ends it.
    public func tokens(of text: String) -> [TokenID] {
        let tokens = tokenizer.encode(text, addSpecial: true, parseSpecial: false)
        guard tokens.count > configuration.contextLength, let last = tokens.last else { return tokens }
        return Array(tokens[..<(configuration.contextLength - 1)]) + [last]
    }
}
