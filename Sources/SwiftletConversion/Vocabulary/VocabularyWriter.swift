import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTokenizers

/// Writes a checkpoint's vocabulary into the metadata of a GGUF file, as the reference converter does
/// (conversion/base.py).
struct VocabularyWriter {
    let model: CheckpointModel

    init(_ model: CheckpointModel) { self.model = model }

    /// Whatever kind the checkpoint has: `tokenizer.model`, or one of the kinds in `tokenizer.json`.
    func writeAny(into metadata: inout GGUFMetadata) throws(ConversionError) {
        let tokenizerClass = try settings?["tokenizer_class"]?.string
        if model.checkpoint.has("tokenizer.model"), tokenizerClass != "GPT2Tokenizer" {
            try writeSentencePiece(into: &metadata)
        } else if let file = try tokenizerFile, Self.isSentencePiece(file) {
            try writeSentencePiece(file, into: &metadata)
        } else {
            try writeBytePair(into: &metadata)
        }
    }

    var settings: JSONValue? {
        get throws(ConversionError) { try model.checkpoint.json("tokenizer_config.json") }
    }

    var tokenizerFile: JSONValue? {
        get throws(ConversionError) { try model.checkpoint.json("tokenizer.json") }
    }

    func missingTokenizer(_ names: String) -> ConversionError {
        ConversionError(
            .missing, "the checkpoint has no tokenizer: \(names) is needed",
            at: model.checkpoint.folder.path(percentEncoded: false), advice: "Get the missing file beside the weights")
    }

    /// How many tokens there really are; nil without a tokenizer.
    var tokenCount: Int? {
        get throws(ConversionError) {
            if model.checkpoint.has("tokenizer.model") { return try sentencePieceTokens().texts.count }
            guard let file = try tokenizerFile else { return nil }
            return (file["model"]?["vocab"]?.object?.count ?? 0) + (file["added_tokens"]?.array?.count ?? 0)
        }
    }

    /// The size that `config.json` says, held to what a file of tokens can reasonably need.
    func vocabularySize(atLeast count: Int) throws(ConversionError) -> Int {
        let size = try model.configuration.vocabularySize ?? count
        guard size <= 4 * count + 65536 else {
            throw ConversionError(
                .malformed, "\(size) is out of all proportion to the \(count) tokens of the tokenizer",
                at: "config.json, vocab_size")
        }
        return size
    }
}
