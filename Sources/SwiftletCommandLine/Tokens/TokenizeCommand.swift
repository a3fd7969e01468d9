import ArgumentParser
import Foundation
import SwiftletGround
import SwiftletTokenizers

struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Turn text into token ids.",
        discussion: """
            Without TEXT, standard input is the text, every byte of it.

              $ swiftlet tokenize --model smollm2:135m "Hello world"
              19556 905
              $ swiftlet tokenize --model smollm2:135m --pieces "Hello world"
              19556  "Hello"
                905  " world"
              $ echo '"Hello world"' | swiftlet tokenize --model smollm2:135m --jsonl
              [19556,905]
            """)

    @OptionGroup var vocabulary: VocabularyArguments

    @Argument(help: ArgumentHelp("The text.", valueName: "TEXT"))
    var text: String?

    @Flag(help: "One JSON string a line in, one JSON array of ids a line out, as they come.")
    var jsonl = false

    @Flag(help: "Read control tokens that are spelled out in the text, such as <|im_end|>.")
    var parseSpecial = false

    @Flag(help: "Add the tokens that the model wants around a text (BOS, EOS, CLS, SEP).")
    var addSpecial = false

    @Flag(help: "One token a line, with the text that it stands for.")
    var pieces = false

    func validate() throws {
        if jsonl, text != nil { throw ValidationError("--jsonl reads standard input, so there can be no TEXT") }
        if jsonl, pieces { throw ValidationError("--jsonl and --pieces do not go together") }
    }

    func run() throws {
        let tokenizer = try vocabulary.tokenizer()
        if jsonl { return try runLines(tokenizer) }
        let tokens = encode(try text ?? InputFile.text("-"), tokenizer)
        guard pieces else {
            return try StandardOutput.write(tokens.map(String.init).joined(separator: " ") + "\n")
        }
        var table = TextTable(.right)
        for token in tokens {
            let bytes = try tokenizer.bytes(of: token, special: true)
            table.add("\(token)", JSONValue.string(String(decoding: bytes, as: UTF8.self)).text())
        }
        try StandardOutput.write(table.text())
    }

    private func encode(_ text: String, _ tokenizer: any Tokenizer) -> [TokenID] {
        tokenizer.encode(text, addSpecial: addSpecial, parseSpecial: parseSpecial)
    }

    private func runLines(_ tokenizer: any Tokenizer) throws {
        try JSONLines.run { value, output throws(CommandError) in
            guard case .string(let text) = value else { throw CommandError(.input, "is no JSON string") }
            output.append(UInt8(ascii: "["))
            for (index, token) in encode(text, tokenizer).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                output.append(contentsOf: token.description.utf8)
            }
            output.append(UInt8(ascii: "]"))
        }
    }
}
