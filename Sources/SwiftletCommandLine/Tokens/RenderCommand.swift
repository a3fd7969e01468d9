import ArgumentParser
import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import SwiftletTemplates
import SwiftletTokenizers

struct RenderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Render a chat template.",
        discussion: """
            J is a JSON object with messages and the template's other variables (bos_token, eos_token, tools, \
            add_generation_prompt, now ...). The text comes out exactly as rendered, without a line break of ours.

              $ echo '{"messages": [{"role": "user", "content": "Hi"}], "add_generation_prompt": true}' \\
                  | swiftlet render --model smollm2:135m --input -
              <|im_start|>system
              You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>
              <|im_start|>user
              Hi<|im_end|>
              <|im_start|>assistant
            """)

    @Option(
        help: ArgumentHelp("A file with a Jinja chat template, - for standard input.", valueName: "file"),
        completion: .file())
    var template: String?

    @Option(help: ArgumentHelp("Use this model's own template, and its bos_token and eos_token.", valueName: "MODEL"))
    var model: String?

    @Option(help: ArgumentHelp("A file with the variables, - for standard input.", valueName: "J"), completion: .file())
    var input: String

    func validate() throws {
        if (template == nil) == (model == nil) { throw ValidationError("give --template or --model, one of them") }
        if template == "-", input == "-" { throw ValidationError("only one of --template and --input can be -") }
    }

    func run() throws {
        let json = try InputFile.json(input)
        guard let variables = json.object else {
            throw CommandError(
                .input, "is no JSON object", at: input == "-" ? "standard input" : input,
                advice: "Give an object with messages and the template's variables")
        }
        try StandardOutput.write(try render(variables))
    }

    private func render(_ variables: JSONObject) throws -> String {
        if let template { return try ChatTemplate(source: try InputFile.text(template)).render(input: variables) }
        let file = try GGUFFile(ModelArgument.locateFile(model ?? ""))
        guard let source = try file.metadata.string(ifPresent: "tokenizer.chat_template") else {
            throw CommandError(.input, "the model has no chat template", at: model, advice: "Give one with --template")
        }
        let vocabulary = try TokenizerLoader.load(from: file).vocabulary
        func text(_ token: TokenID?) -> JSONValue { .string(token.flatMap(vocabulary.text(of:)) ?? "") }
        var all = JSONObject([
            ("bos_token", text(vocabulary.special.beginningOfSequence)),
            ("eos_token", text(vocabulary.special.endOfSequence)),
        ])
        for member in variables { all[member.key] = member.value }
        return try ChatTemplate(source: source).render(input: all)
    }
}
