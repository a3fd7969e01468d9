import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors

extension VocabularyWriter {
    /// The vocabulary of `tokenizer.model`, with the tokens that other files add.
    func writeSentencePiece(into metadata: inout GGUFMetadata) throws(ConversionError) {
        write(try sentencePieceTokens(), into: &metadata)
        try SpecialTokensWriter(model, count: model.configuration.vocabularySize).write(into: &metadata)
    }

    private func write(_ tokens: TokenList, into metadata: inout GGUFMetadata) {
        metadata["tokenizer.ggml.model"] = .string("llama")
        metadata["tokenizer.ggml.pre"] = .string("default")
        tokens.write(into: &metadata)
    }

    func sentencePieceTokens() throws(ConversionError) -> TokenList {
        guard let file = try model.checkpoint.file("tokenizer.model") else { throw missingTokenizer("tokenizer.model") }
        let pieces: [SentencePieceModel.Piece]
        do throws(ConversionError) {
            pieces = try file.withBytes { (bytes) throws(ConversionError) in try SentencePieceModel(bytes).pieces }
        } catch {
            throw error.within(file.url.path(percentEncoded: false))
        }
        let size = try vocabularySize(atLeast: pieces.count)
        var tokens = TokenList(unused: size, scored: true)
        for (id, piece) in pieces.prefix(size).enumerated() {
            tokens.texts[id] = piece.text
            tokens.scores[id] = piece.score
            // What the model's maker added counts as text; what came later is marked below.
            tokens.kinds[id] = piece.type == 4 ? .normal : TokenList.Kind(rawValue: Int32(piece.type)) ?? .normal
        }
        for member in try model.checkpoint.json("added_tokens.json")?.object ?? JSONObject() {
            guard let id = member.value.integer, id >= 0 else {
                throw ConversionError(
                    .malformed, "a token has no id", at: "added_tokens.json, \(member.key.prefix(40))")
            }
            tokens.set(id, member.key, .userDefined)
        }
        let isPhi = model.architecture == Phi3Checkpoint.self
        for token in try AddedToken.decoder(settings) {
            if token.isSpecial || !isPhi && TokenList.looksSpecial(token.text) {
                tokens.set(token.id, token.text, .control)
            } else {
                tokens.set(token.id, isPhi ? token.text : token.plainText, .userDefined)
            }
        }
        if isPhi {
            for token in try AddedToken.all(tokenizerFile, nil) {
                tokens.set(token.id, token.text, token.isSpecial ? .control : .userDefined)
            }
        }
        return tokens
    }

    /// Whether a `tokenizer.json` holds a SentencePiece vocabulary: pieces of text, with bytes for what no piece holds.
    static func isSentencePiece(_ file: JSONValue) -> Bool {
        guard let model = file["model"], model["type"]?.string ?? "BPE" == "BPE" else { return false }
        return model["byte_fallback"]?.bool == true && file["decoder"]?["type"]?.string == "Sequence"
    }

    /// A SentencePiece vocabulary out of `tokenizer.json`: scores are the merges' ranks, since earlier merges come
    /// first.
    ///
    /// (The reference gives every token the same score, which changes how text is cut.)
    func writeSentencePiece(_ file: JSONValue, into metadata: inout GGUFMetadata) throws(ConversionError) {
        let base = try BaseVocabulary(file)
        let added = try AddedToken.all(file, settings)
        let count = try base.count(with: added)
        var tokens = TokenList(unused: try max(count, vocabularySize(atLeast: count)), scored: true)
        let ranks = try base.mergeRanks()
        for (text, id) in base.ids {
            tokens.texts[id] = Array(text.string.utf8)
            let isByte = Self.isByteToken(text.string)
            tokens.kinds[id] = isByte ? .byte : .normal
            tokens.scores[id] = isByte ? 0 : ranks[text].map { -Float($0) } ?? -1e6
        }
        let unknown = file["model"]?["unk_token"]?.string
        for token in added {
            let isUnknown = unknown.map { ByteString($0) == ByteString(token.text) } ?? false
            if isUnknown {
                tokens.set(token.id, token.text, .unknown)
            } else if token.isSpecial || TokenList.looksSpecial(token.text) {
                tokens.set(token.id, token.text, .control)
            } else {
                tokens.set(token.id, token.plainText, .userDefined)
            }
        }
        write(tokens, into: &metadata)
        try SpecialTokensWriter(model, count: tokens.texts.count).write(into: &metadata)
    }

    private static func isByteToken(_ text: String) -> Bool {
        text.utf8.count == 6 && text.hasPrefix("<0x") && text.hasSuffix(">")
            && UInt8(text.dropFirst(3).dropLast(), radix: 16) != nil
    }
}

extension TokenList {
    /// Sets an added token, if its id is in the vocabulary: ids past it belong to no row of the embeddings.
    fileprivate mutating func set(_ id: Int, _ text: String, _ kind: Kind) {
        guard texts.indices.contains(id) else { return }
        texts[id] = Array(text.utf8)
        scores[id] = -1000
        kinds[id] = kind
    }
}
