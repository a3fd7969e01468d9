package import SwiftletEngine
package import SwiftletGround
package import SwiftletTokenizers

/// A prompt in all its forms: a text, tokens, both in a row (llama.cpp), or a list of such prompts.
package enum PromptFields {
    /// The prompts of a member that must be there.
    package static func read(
        _ fields: Fields, _ key: String, vocabulary: RequestVocabulary
    ) throws -> [CompletionRequest.Prompt] {
        let value = try fields.required(key, fields.value(key))
        let path = fields.path.key(key)
        guard let values = value.array, !values.contains(where: { $0.integer != nil }) else {
            return [try prompt(value, vocabulary, at: path)]
        }
        guard !values.isEmpty else { throw RequestProblem(.other("it must not be empty"), at: path) }
        guard values.count <= most else { throw RequestProblem(.other("\(most) prompts are the most"), at: path) }
        return try values.enumerated().map { try prompt($1, vocabulary, at: path.index($0)) }
    }

    /// Throws if the prompts and their answers are more than one request may ask for.
    static func check(_ prompts: Int, times answers: Int, _ fields: Fields) throws {
        guard prompts <= most / answers else {
            throw RequestProblem(.other("\(most) answers are the most"), at: fields.path.key("n"))
        }
    }

    private static let most = 2048
    /// Bytes of texts that are made tokens before anybody knows how many are wanted.
    static let mostText = 4 << 20

    private static func prompt(
        _ value: JSONValue, _ vocabulary: RequestVocabulary, at path: FieldPath
    ) throws -> CompletionRequest.Prompt {
        switch value {
        case .string(let text): return .text(text, parsesSpecial: true)
        case .array(let parts): return .tokens(try tokens(parts, vocabulary, addsSpecial: true, at: path))
        // llama.cpp's form beside images.
        case .object(let object):
            guard let text = object["prompt_string"]?.string else {
                throw RequestProblem(.missing, at: path.key("prompt_string"))
            }
            guard object["multimodal_data"] == nil else {
                throw RequestProblem(.other("this model reads text only"), at: path.key("multimodal_data"))
            }
            return .text(text, parsesSpecial: true)
        default: throw RequestProblem(.type(expected: .string, found: JSONKind(value)), at: path)
        }
    }

    /// Tokens, and texts between them; a text at the start has the vocabulary's first token before it if `addsSpecial`.
    package static func tokens(
        _ parts: [JSONValue], _ vocabulary: RequestVocabulary, addsSpecial: Bool, parsesSpecial: Bool = true,
        at path: FieldPath
    ) throws -> [TokenID] {
        var tokens: [TokenID] = []
        tokens.reserveCapacity(parts.count)
        var textBytes = 0
        for (index, part) in parts.enumerated() {
            if let number = part.integer {
                guard let token = TokenID(exactly: number), vocabulary.contains(token) else {
                    throw RequestProblem(
                        .other("there is no such token in the model's vocabulary"), at: path.index(index))
                }
                tokens.append(token)
            } else if let text = part.string {
                textBytes += text.utf8.count
                guard textBytes <= mostText else {
                    throw RequestProblem(.other("its texts have more than \(mostText) bytes"), at: path)
                }
                let found = vocabulary.tokens(
                    of: text, addSpecial: addsSpecial && index == 0, parseSpecial: parsesSpecial)
                guard let found else {
                    throw RequestProblem(.type(expected: .integer, found: JSONKind(part)), at: path.index(index))
                }
                tokens += found
            } else {
                throw RequestProblem(.type(expected: .integer, found: JSONKind(part)), at: path.index(index))
            }
        }
        return tokens
    }
}
