import Hummingbird
import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletTokenizers

/// Vectors of texts.
extension OpenAIAPI {
    static func embeddings(_ call: Call) async throws -> Response {
        let fields = try await call.fields()
        let name = try await call.modelName(fields)
        let request = try EmbeddingsRequest(.object(fields.object))
        let (vectors, tokens) = try await vectors(request, of: call.lease(name))
        let data = try vectors.enumerated().map { index, vector -> JSONValue in
            ["object": "embedding", "index": .integer(Int64(index)), "embedding": try request.json(vector)]
        }
        let count = JSONValue.integer(Int64(tokens))
        return .json([
            "object": "list", "data": .array(data), "model": .string(name),
            "usage": ["prompt_tokens": count, "total_tokens": count],
        ])
    }

    /// The vectors of all inputs, and how many tokens were read for them.
    static func vectors(
        _ request: EmbeddingsRequest, of lease: ModelLease
    ) async throws -> (vectors: [[Float]], tokens: Int) {
        let embedder = try lease.embedder
        let tokenizer = embedder.model.tokenizer
        let texts = request.inputs.map { input in
            switch input {
            case .tokens(let tokens): tokens
            // Not cut where it is too long: the rest of a text would have another vector.
            case .text(let text, _), .infill(let text, _):
                tokenizer.encode(text, addSpecial: true, parseSpecial: false)
            }
        }
        return (try await lease.embed(texts), texts.reduce(0) { $0 + $1.count })
    }
}
