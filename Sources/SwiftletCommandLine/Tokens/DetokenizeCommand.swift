import ArgumentParser
import Foundation
import SwiftletGround
import SwiftletTokenizers

struct DetokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detokenize",
        abstract: "Turn token ids into text.",
        discussion: """
            Without IDS, standard input has them, separated by white space or commas.

              $ swiftlet detokenize --model smollm2:135m 19556 905
              Hello world
              $ echo '[19556, 905]' | swiftlet detokenize --model smollm2:135m --jsonl
              "Hello world"
            """)

    @OptionGroup var vocabulary: VocabularyArguments

    @Argument(help: ArgumentHelp("Token ids, also separated by commas.", valueName: "IDS"))
    var ids: [String] = []

    @Flag(help: "One JSON array of ids a line in, one JSON string a line out, as they come.")
    var jsonl = false

    @Flag(help: "Write control tokens out too.")
    var special = false

    func validate() throws {
        if jsonl, !ids.isEmpty { throw ValidationError("--jsonl reads standard input, so there can be no IDS") }
    }

    func run() throws {
        let tokenizer = try vocabulary.tokenizer()
        if jsonl { return try runLines(tokenizer) }
        let words = try ids.isEmpty ? [InputFile.text("-")] : ids
        let tokens = try TokenList.parse(words.joined(separator: " "))
        let text = try tokenizer.decode(tokens, special: special)
        // The text goes exactly into files and pipes; a terminal's next prompt begins on a line of its own.
        try StandardOutput.write(StandardOutput.isTerminal ? text + "\n" : text)
    }

    private func runLines(_ tokenizer: any Tokenizer) throws {
        try JSONLines.run { value, output throws(CommandError) in
            guard case .array(let values) = value else { throw CommandError(.input, "is no JSON array") }
            var tokens: [TokenID] = []
            for value in values {
                guard let id = value.integer.flatMap(TokenID.init(exactly:)) else {
                    throw CommandError(.input, "\(value) is no token id")
                }
                tokens.append(id)
            }
            do throws(TokenizerError) {
                output.append(contentsOf: JSONValue.string(try tokenizer.decode(tokens, special: special)).text().utf8)
            } catch {
                throw CommandError(.input, error.problem, at: error.place)
            }
        }
    }
}

/// Token ids in a text: `1 2 3`, `1,2,3`, `[1, 2, 3]`.
enum TokenList {
    static func parse(_ text: String) throws(CommandError) -> [TokenID] {
        var tokens: [TokenID] = []
        for word in text.split(whereSeparator: { $0.isWhitespace || ",[]".contains($0) }) {
            guard let token = TokenID(word) else {
                throw CommandError(.input, "\"\(word.prefix(40))\" is no token id", advice: "Give integers: 1,2,3")
            }
            tokens.append(token)
        }
        return tokens
    }
}
