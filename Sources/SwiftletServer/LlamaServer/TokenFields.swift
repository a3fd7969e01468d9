package import SwiftletGround
package import SwiftletTokenizers

/// llama-server's `POST /tokenize` and `/detokenize`.
package enum TokenFields {
    /// The tokens of `content`, with their pieces if asked for.
    package static func tokenize(_ fields: Fields, _ tokenizer: any Tokenizer) throws -> JSONValue {
        let special = try fields.bool("add_special") ?? false
        let parses = try fields.bool("parse_special") ?? true
        let withPieces = try fields.bool("with_pieces") ?? false
        guard let content = fields.value("content") else { return ["tokens": []] }
        let tokens: [TokenID]
        if let text = content.string {
            guard text.utf8.count <= PromptFields.mostText else {
                throw RequestProblem(
                    .other("it has more than \(PromptFields.mostText) bytes"), at: fields.path.key("content"))
            }
            tokens = tokenizer.encode(text, addSpecial: special, parseSpecial: parses)
        } else {
            tokens = try PromptFields.tokens(
                fields.array("content") ?? [], .known(tokenizer), addsSpecial: special, parsesSpecial: parses,
                at: fields.path.key("content"))
        }
        guard withPieces else {
            return ["tokens": .array(tokens.map { .integer(Int64($0)) })]
        }
        return ["tokens": .array(try tokens.map { ["id": .integer(Int64($0)), "piece": try piece($0, tokenizer)] })]
    }

    /// A token's text, or its bytes if they are not a text.
    private static func piece(_ token: TokenID, _ tokenizer: any Tokenizer) throws -> JSONValue {
        let bytes = Array(try tokenizer.bytes(of: token, special: true))
        if let text = String(validating: bytes, as: UTF8.self) { return .string(text) }
        return .array(bytes.map { .integer(Int64($0)) })
    }

    /// The text of `tokens`.
    package static func detokenize(_ fields: Fields, _ tokenizer: any Tokenizer) throws -> JSONValue {
        let parts = try fields.array("tokens") ?? []
        let tokens = try PromptFields.tokens(
            parts, .known(tokenizer), addsSpecial: false, at: fields.path.key("tokens"))
        return ["content": .string(try tokenizer.decode(tokens, special: true))]
    }
}
