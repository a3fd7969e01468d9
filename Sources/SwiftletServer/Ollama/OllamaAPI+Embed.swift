import Foundation
import Hummingbird
import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletTokenizers

extension OllamaAPI {
    /// POST /api/embed: a vector of length 1 for each text.
    static func embed(_ call: Call) async throws -> Response {
        let start = ContinuousClock.now
        let fields = try await call.fields()
        let name = try modelName(fields)
        let keepAlive = try fields.value("keep_alive").map { try KeepAlive($0, at: "keep_alive") }
        let texts = try fields.strings("input") ?? []
        guard texts.count <= mostTexts else { throw fields.problem("input", "\(mostTexts) texts are the most") }
        let truncates = try fields.bool("truncate") ?? true
        let dimensions = try fields.integer("dimensions", in: 1...(1 << 20))
        let lease = try await call.lease(name, keepAlive: keepAlive)
        let embedder = try lease.embedder
        let tokens = try embedder.tokens(of: texts, truncating: truncates)
        var vectors = try await lease.embed(tokens)
        if let dimensions { vectors = vectors.map { $0.shortened(to: dimensions) } }
        let elapsed = start.duration(to: .now)
        return .json([
            "model": .string(name), "embeddings": .array(vectors.map(\.json)),
            "total_duration": .integer(elapsed.nanoseconds),
            "load_duration": .integer(lease.loadDuration.nanoseconds),
            "prompt_eval_count": .integer(Int64(tokens.reduce(0) { $0 + $1.count })),
        ])
    }

    /// POST /api/embeddings: the older form, for one text.
    static func embeddings(_ call: Call) async throws -> Response {
        let fields = try await call.fields()
        let name = try modelName(fields)
        let keepAlive = try fields.value("keep_alive").map { try KeepAlive($0, at: "keep_alive") }
        let prompt = try fields.string("prompt") ?? ""
        let lease = try await call.lease(name, keepAlive: keepAlive)
        let embedder = try lease.embedder
        // Without a text it only loads the model.
        guard !prompt.isEmpty else { return .json(["embedding": []]) }
        let vectors = try await lease.embed([embedder.model.tokens(of: prompt)])
        return .json(["embedding": vectors[0].json])
    }

    /// Texts of one request, whose vectors are all in memory until the last one is there.
    private static let mostTexts = 16_384
}

extension Embedder {
    /// The tokens of texts; those that are too long lose their ends, or are refused.
    fileprivate nonisolated func tokens(of texts: [String], truncating: Bool) throws(RequestProblem) -> [[TokenID]] {
        var all: [[TokenID]] = []
        for (index, text) in texts.enumerated() {
            let tokens = model.tokens(of: text)
            let most = model.configuration.contextLength
            if !truncating, tokens.count == most {
                let count = model.tokenizer.encode(text, addSpecial: true, parseSpecial: false).count
                guard count <= most else {
                    throw RequestProblem(
                        .other("the text has \(count) tokens, but the model reads at most \(most)"),
                        at: FieldPath("input").index(index))
                }
            }
            all.append(tokens)
        }
        return all
    }
}

extension [Float] {
    /// The first numbers as a vector of length 1 again (for models whose first dimensions say the most).
    fileprivate func shortened(to dimensions: Int) -> [Float] {
        guard dimensions < count else { return self }
        let first = self[..<dimensions]
        let length = first.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        return length > 0 ? first.map { Float(Double($0) / length) } : Array(first)
    }

    /// The shortest decimals that are these numbers.
    fileprivate var json: JSONValue { .array(map { .number(Double($0.description) ?? Double($0)) }) }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
