import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletTemplates
import SwiftletTokenizers

/// A model made ready by the options of `run`; what it has computed of a conversation it keeps from turn to turn.
struct Runner {
    let modelName: String
    let chat: ChatModel
    let system: String?
    let parameters: GenerationParameters
    let format: AnswerFormat
    let loadDuration: Duration

    init(_ command: RunCommand) async throws {
        let start = ContinuousClock.now
        modelName = command.model
        let url = try ModelArgument.locateFile(command.model)
        let options = ModelOptions(slidingWindow: command.engine.slidingWindow, contextLength: command.context)
        let template = try command.template.map { try PromptTemplate.jinja(ChatTemplate(source: InputFile.text($0))) }
        format = try command.generation.format()
        var engineOptions = command.engine.engineOptions
        engineOptions.maxSequences = 1
        let engine = Engine(try LanguageModel(contentsOf: url, options: options), options: engineOptions)
        try await engine.prepare()
        chat = try ChatModel(engine, template: template)
        system = command.system
        parameters = try command.parameters()
        loadDuration = ContinuousClock.now - start
    }

    var model: LanguageModel { chat.engine.model }

    /// Answers a conversation in the model's chat template; what the model writes is all text, its thoughts too.
    func answer(
        _ messages: [ChatMessage], _ parameters: GenerationParameters, interrupts: Interrupts,
        show: @escaping @Sendable (String) throws -> Void
    ) async throws -> Answer {
        let settings = RequestSettings(generation: parameters, format: format)
        let request = ChatRequest(messages: messages, parsesAnswer: false, settings: settings)
        return try await collect(chat.chat(request), interrupts, show)
    }

    /// Continues a text as it is.
    func complete(
        _ text: String, _ parameters: GenerationParameters, interrupts: Interrupts,
        show: @escaping @Sendable (String) throws -> Void
    ) async throws -> Answer {
        let settings = RequestSettings(generation: parameters, format: format)
        let request = CompletionRequest(prompt: .text(text, parsesSpecial: true), settings: settings)
        return try await collect(chat.complete(request), interrupts, show)
    }

    /// Gives each piece of text to `show`; what SIGINT or `show`'s error ended has no result.
    private func collect(
        _ stream: ChatStream, _ interrupts: Interrupts, _ show: @escaping @Sendable (String) throws -> Void
    ) async throws -> Answer {
        try await interrupts.cancelling {
            var answer = Answer()
            for try await event in stream {
                switch event {
                case .prompt(_, let total): answer.promptTokens = total
                case .token(let token):
                    if answer.firstToken == nil { answer.firstToken = ContinuousClock.now }
                    answer.tokens.append(token.id)
                case .content(let text):
                    answer.text += text
                    try show(text)
                case .finished(let result):
                    answer.promptTokens = result.generation.promptTokens
                    answer.result = result.generation
                case .reasoning, .toolCallStart, .toolCallArguments, .toolCallEnd: break
                }
            }
            return answer
        }
    }
}

/// What a generation gave by its end, also by an early one.
struct Answer: Sendable {
    var text = ""
    var promptTokens = 0
    /// As they came, a token that ended the answer included; the result has them without it.
    var tokens: [TokenID] = []
    var firstToken: ContinuousClock.Instant?
    /// Nil if the user stopped the generation.
    var result: GenerationResult?
}
