import SwiftletGround
public import SwiftletModels
import SwiftletTensors
package import SwiftletTokenizers

/// A text as a model reads it to be measured: tokens of the whole text, cut into chunks of one context each.
///
/// The rules are those of the reference's llama-perplexity and llama-imatrix, so that numbers can be compared: one line break
/// at the text's end is left out, the vocabulary's BOS is put before the text and in place of each chunk's first token,
/// and what is left after the last whole chunk is not used.
public struct ChunkedText: Sendable {
    /// Tokens in a chunk.
    public let context: Int
    /// Chunks that are run.
    public let count: Int

    /// The tokens of all chunks.
    let tokens: [TokenID]
    private let beginning: TokenID?

    /// Fewer tokens would leave nothing to score.
    public static let shortestContext = 4

    /// Reads `text` with the vocabulary of `model`.
    ///
    /// At most `limit` chunks are used, from the chunk `first` on. `parsesSpecial`: control tokens that are spelled out in the
    /// text are read as such. Throws if the context is too short or longer than the model's, or the text makes no chunk.
    public init(
        _ text: String, for model: LanguageModel, context: Int = 512, limit: Int? = nil, first: Int = 0,
        parsesSpecial: Bool = false
    ) throws {
        let tokenizer = try model.tokenizer
        let vocabulary = tokenizer.vocabulary
        try self.init(
            text, tokenizer, beginning: vocabulary.addsBeginning ? vocabulary.special.beginningOfSequence : nil,
            longest: model.configuration.contextLength, context, limit, first, parsesSpecial)
    }

    /// The same for an encoder: each chunk begins with the token that its texts begin with.
    public init(
        _ text: String, for model: EncoderModel, context: Int = 512, limit: Int? = nil, first: Int = 0,
        parsesSpecial: Bool = false
    ) throws {
        let around = model.tokenizer.encode("", addSpecial: true, parseSpecial: false)
        try self.init(
            text, model.tokenizer, beginning: around.first, longest: model.encoder.positionEmbedding.rows, context,
            limit, first, parsesSpecial)
    }

    private init(
        _ text: String, _ tokenizer: any Tokenizer, beginning: TokenID?, longest: Int, _ context: Int, _ limit: Int?,
        _ first: Int, _ parsesSpecial: Bool
    ) throws(EvaluationError) {
        guard (Self.shortestContext...max(longest, Self.shortestContext)).contains(context) else {
            throw EvaluationError(
                .invalidParameter,
                "a context of \(context) tokens is outside \(Self.shortestContext) to \(longest), the model's limit",
                advice: "Choose another --ctx")
        }
        if let limit, limit < 1 { throw EvaluationError(.invalidParameter, "\(limit) chunks are nothing to run") }
        guard text.utf8.contains(where: { $0 > 0x20 }) else { throw EvaluationError(.text, "the text is empty") }
        let vocabulary = tokenizer.vocabulary
        var text = text
        if text.utf8.last == UInt8(ascii: "\n") { text = String(decoding: text.utf8.dropLast(), as: UTF8.self) }
        var tokens = tokenizer.encode(text, addSpecial: true, parseSpecial: parsesSpecial)
        if vocabulary.addsEnd, tokens.last == vocabulary.special.endOfSequence { tokens.removeLast() }
        let all = tokens.count / context
        guard all > first, first >= 0 else {
            let advice = first == 0 ? "Use a longer text or a shorter --ctx" : "Begin at an earlier chunk"
            throw EvaluationError(
                .text,
                "the text has \(tokens.count) tokens, \(all) chunks of \(context)"
                    + (first == 0 ? "" : ", and chunk \(first) is the first to be run"), advice: advice)
        }
        count = min(all - first, limit ?? .max)
        self.tokens = Array(tokens[first * context..<(first + count) * context])
        self.context = context
        self.beginning = beginning
    }

    /// Whole chunks of `tokens`; `beginning` takes the place of each chunk's first token.
    package init(tokens: [TokenID], context: Int, beginning: TokenID? = nil) {
        precondition(context >= Self.shortestContext, "chunks of \(context) tokens")
        (self.context, self.beginning, count) = (context, beginning, tokens.count / context)
        self.tokens = tokens
    }

    /// What the model is given as chunk `index`.
    package func chunk(_ index: Int) -> [TokenID] {
        var chunk = Array(tokens[index * context..<(index + 1) * context])
        if let beginning { chunk[0] = beginning }
        return chunk
    }

    /// The rows of a chunk whose predictions count: those of the second half, which have enough before them to go by.
    package var scoredRows: Range<Int> { context / 2..<context - 1 }

    /// The token that comes after row `row` of chunk `index`.
    package func target(_ index: Int, row: Int) -> TokenID { tokens[index * context + row + 1] }
}
