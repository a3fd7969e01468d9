import Foundation
package import SwiftletEngine
package import SwiftletGround

/// The body of `POST /v1/embeddings`, and of llama-server's `/embedding`.
package struct EmbeddingsRequest: Sendable {
    package var model: String?
    package var inputs: [CompletionRequest.Prompt]
    package var isBase64: Bool
    /// Only the first so many numbers of each vector, brought to length 1 again.
    package var dimensions: Int?

    package init(_ body: JSONValue) throws {
        let fields = try Fields(body)
        model = try fields.string("model")
        // llama-server takes `content` for `input`.
        let key = fields.has("input") || !fields.has("content") ? "input" : "content"
        inputs = try PromptFields.read(fields, key, vocabulary: .numbers)
        for (index, input) in inputs.enumerated() where input.isEmpty {
            throw RequestProblem(.other("an input must not be empty"), at: fields.path.key(key).index(index))
        }
        isBase64 = try fields.string("encoding_format", among: ["float", "base64"]) == "base64"
        dimensions = try fields.integer("dimensions", in: 1...Int(Int32.max))
    }

    /// A vector as the response has it. Throws if the model's vectors are shorter than what is asked for.
    package func json(_ vector: [Float]) throws -> JSONValue {
        var vector = vector
        if let dimensions {
            guard dimensions <= vector.count else {
                throw RequestProblem(
                    .above(limit: String(vector.count), found: String(dimensions), isInteger: true),
                    at: FieldPath("dimensions"))
            }
            vector = Self.unit(vector.prefix(dimensions))
        }
        guard isBase64 else { return .array(vector.map { .number(Double($0)) }) }
        var bytes = Data(capacity: 4 * vector.count)
        for number in vector {
            withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return .string(bytes.base64EncodedString())
    }

    private static func unit(_ vector: some Collection<Float>) -> [Float] {
        let length = vector.reduce(into: Float(0)) { $0 += $1 * $1 }.squareRoot()
        return length > 0 ? vector.map { $0 / length } : Array(vector)
    }
}

extension CompletionRequest.Prompt {
    var isEmpty: Bool {
        switch self {
        case .text(let text, _): text.isEmpty
        case .tokens(let tokens): tokens.isEmpty
        case .infill: false
        }
    }
}
