import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletTemplates
import SwiftletTokenizers

/// A model made ready by the options of `run`: one engine, which keeps what it has computed from turn to turn.
struct Runner {
    let modelName: String
    let engine: Engine
    let template: ChatTemplate?
    let system: String?
    let parameters: GenerationParameters
    let loadDuration: Duration

    init(_ command: RunCommand) async throws {
        let start = ContinuousClock.now
        modelName = command.model
        let url = try ModelArgument.locateFile(command.model)
        let options = ModelOptions(slidingWindow: command.engine.slidingWindow, contextLength: command.context)
        template = try command.template.map(Self.readTemplate)
        var engineOptions = command.engine.engineOptions
        engineOptions.maxSequences = 1
        engine = Engine(try LanguageModel(contentsOf: url, options: options), options: engineOptions)
        try await engine.prepare()
        system = command.system
        parameters = try command.parameters()
        loadDuration = ContinuousClock.now - start
    }

    var model: LanguageModel { engine.model }

    /// The tokens of a text as it is, or of a conversation in the model's chat template.
    func tokens(raw text: String) throws -> [TokenID] {
        try model.tokenizer.encode(text, addSpecial: true, parseSpecial: true)
    }

    func tokens(_ messages: [ChatMessage]) throws -> [TokenID] {
        try model.prompt(for: messages, template: template)
    }

    /// Generates and gives each piece of text to `show`; what SIGINT or `show`'s error ended has no result.
    func generate(
        _ tokens: [TokenID], _ parameters: GenerationParameters, interrupts: Interrupts,
        show: @escaping @Sendable (String) throws -> Void
    ) async throws -> Answer {
        try await interrupts.cancelling { [engine] in
            var answer = Answer()
            for try await event in engine.generate(GenerationRequest(prompt: tokens, parameters: parameters)) {
                switch event {
                case .prompt: break
                case .token(let token):
                    if answer.firstToken == nil { answer.firstToken = ContinuousClock.now }
                    answer.tokens.append(token.id)
                    answer.text += token.text
                    if !token.text.isEmpty { try show(token.text) }
                case .text(let text):
                    answer.text += text
                    try show(text)
                case .finished(let result): answer.result = result
                }
            }
            return answer
        }
    }

    private static func readTemplate(_ path: String) throws -> ChatTemplate {
        try ChatTemplate(source: try InputFile.text(path))
    }
}

/// What a generation gave by its end, also by an early one.
struct Answer: Sendable {
    var text = ""
    /// As they came, a token that ended the answer included; the result has them without it.
    var tokens: [TokenID] = []
    var firstToken: ContinuousClock.Instant?
    /// Nil if the user stopped the generation.
    var result: GenerationResult?
}
