import SwiftletGround
import SwiftletTokenizers

/// `logit_bias`: OpenAI's object of token numbers, or llama.cpp's pairs and texts, with `false` for a ban.
enum LogitBiasField {
    static func read(_ fields: Fields, vocabulary: RequestVocabulary) throws -> [TokenID: Float] {
        let key = "logit_bias"
        guard let value = fields.value(key) else { return [:] }
        var biases: [TokenID: Float] = [:]
        switch value {
        case .object(let object):
            for member in object {
                let bias = try bias(member.value, at: fields.path.key(key).key(member.key))
                for token in try tokens(member.key, vocabulary, at: fields.path.key(key)) { biases[token] = bias }
            }
        case .array(let pairs):
            for (index, pair) in pairs.enumerated() {
                let path = fields.path.key(key).index(index)
                guard let token = pair[0], let value = pair[1], pair.array?.count == 2 else {
                    throw RequestProblem(.other("a pair of a token and its bias is expected"), at: path)
                }
                let bias = try bias(value, at: path)
                if let text = token.string {
                    for token in try tokens(text, vocabulary, at: path) { biases[token] = bias }
                } else {
                    biases[try check(token.integer, vocabulary, at: path)] = bias
                }
            }
        default: throw RequestProblem(.type(expected: .object, found: JSONKind(value)), at: fields.path.key(key))
        }
        return biases
    }

    private static func bias(_ value: JSONValue, at path: FieldPath) throws -> Float {
        if value.bool == false { return -.infinity }
        guard let number = value.number else {
            throw RequestProblem(.type(expected: .number, found: JSONKind(value)), at: path)
        }
        // OpenAI: -100 is a ban, 100 means only this token.
        return Float(min(max(number, -1e6), 1e6))
    }

    /// A token's number as text; with a vocabulary any other text, as the tokens that it has.
    private static func tokens(
        _ text: String, _ vocabulary: RequestVocabulary, at path: FieldPath
    ) throws -> [TokenID] {
        if let number = Int(text) { return [try check(number, vocabulary, at: path)] }
        guard text.utf8.count <= 1024 else { throw RequestProblem(.other("keys must be short texts"), at: path) }
        guard let tokens = vocabulary.tokens(of: text) else {
            throw RequestProblem(.other("keys must be token ids"), at: path)
        }
        return tokens
    }

    private static func check(
        _ number: Int?, _ vocabulary: RequestVocabulary, at path: FieldPath
    ) throws -> TokenID {
        guard let number, let token = TokenID(exactly: number), vocabulary.contains(token) else {
            throw RequestProblem(.other("there is no such token in the model's vocabulary"), at: path)
        }
        return token
    }
}
