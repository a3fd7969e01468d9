import Hummingbird
import SwiftletEngine
import SwiftletGround
import SwiftletLibrary
import SwiftletModels
import SwiftletTemplates
import SwiftletTokenizers

extension OllamaAPI {
    /// POST /api/generate: an answer to one prompt, or the continuation of a text.
    static func generate(_ call: Call) async throws -> Response {
        let start = ContinuousClock.now
        let fields = try await call.fields()
        let named = try call.resolve(named: modelName(fields))
        let request = try OllamaRequest(fields, named.settings)
        let prompt = try GeneratePrompt(fields)
        guard !prompt.isEmpty else { return try await loadOrUnload(call, request, .generate, start) }

        let lease = try await call.core.host.lease(
            named, keepAlive: request.keepAlive, contextLength: request.contextLength)
        let settings = try request.settings(for: call, lease)
        let model = try prompt.model(of: lease)
        let input = try prompt.input(for: model, named.settings, request, settings)
        let (stream, truncated) = try input.answer(with: model, truncating: request.truncates)
        var frame = OllamaAnswer.Frame(
            model: request.model, endpoint: .generate, start: start, loadDuration: lease.loadDuration,
            truncatedTokens: truncated)
        if !prompt.isRaw, truncated == 0 {
            frame.context = { result in
                let tokens = try? input.tokens(for: model) + result.generation.tokens
                return tokens.map { .array($0.map { .integer(Int64($0)) }) }
            }
        }
        return try await call.send(stream, lease, frame, request)
    }
}

/// What /api/generate is to answer.
private struct GeneratePrompt: Sendable {
    let prompt: String
    let suffix: String
    let system: String?
    let template: GoTemplate?
    let isRaw: Bool
    let context: [TokenID]

    init(_ fields: Fields) throws {
        try OllamaMessages.refuseImages(fields)
        prompt = try fields.string("prompt") ?? ""
        suffix = try fields.string("suffix") ?? ""
        system = try fields.string("system")
        template = try fields.string("template").flatMap { try $0.isEmpty ? nil : fields.template("template", $0) }
        isRaw = try fields.bool("raw") ?? false
        context =
            try fields.array("context")?.enumerated().map { index, value in
                guard let token = value.integer.flatMap({ TokenID(exactly: $0) }) else {
                    throw RequestProblem(
                        .type(expected: .integer, found: JSONKind(value)), at: fields.path.key("context").index(index))
                }
                return token
            } ?? []
    }

    var isEmpty: Bool { prompt.isEmpty && suffix.isEmpty }

    /// The model, with the request's template if it has one.
    func model(of lease: ModelLease) throws -> ChatModel {
        let model = try lease.chat
        return try template.map { try ChatModel(model.engine, template: .go($0)) } ?? model
    }

    func input(
        for model: ChatModel, _ own: ModelSettings, _ request: OllamaRequest, _ settings: RequestSettings
    ) throws -> GenerateInput {
        let system = system ?? own.system
        if !suffix.isEmpty {
            return .text(CompletionRequest(prompt: .infill(prefix: prompt, suffix: suffix), settings: settings))
        }
        guard !isRaw else {
            return .text(CompletionRequest(prompt: .text(prompt, parsesSpecial: true), settings: settings))
        }
        guard model.supportsChat else {
            // A model without a template continues what it is given.
            let text = [system, prompt].compactMap { $0 }.joined(separator: "\n\n")
            return .text(CompletionRequest(prompt: .text(text, parsesSpecial: false), settings: settings))
        }
        var messages = own.firstTurns + [ChatMessage(role: "user", content: prompt)]
        if let system { messages.insert(ChatMessage(role: "system", content: system), at: 0) }
        var chat = ChatRequest(messages: messages, thinking: request.thinking, settings: settings)
        if let effort = request.effort { chat.variables["reasoning_effort"] = .string(effort) }
        guard !context.isEmpty else { return .chat(chat) }
        // An earlier answer's tokens stand before the prompt, which must not begin a second time.
        var tokens = try model.tokens(chat)
        let vocabulary = try model.engine.model.tokenizer.vocabulary
        if let first = tokens.first, first == vocabulary.special.beginningOfSequence { tokens.removeFirst() }
        return .text(CompletionRequest(prompt: .tokens(context + tokens), parsesAnswer: true, settings: settings))
    }
}

/// The same for the engine: a conversation of one turn, or a text.
private enum GenerateInput: Sendable {
    case chat(ChatRequest)
    case text(CompletionRequest)

    func tokens(for model: ChatModel) throws -> [TokenID] {
        switch self {
        case .chat(let request): try model.tokens(request)
        case .text(let request): try model.tokens(request)
        }
    }

    /// The answer, and how many tokens of the prompt were left out.
    func answer(with model: ChatModel, truncating: Bool) throws -> (ChatStream, truncatedTokens: Int) {
        do {
            switch self {
            case .chat(let request): return (try model.chat(request), 0)
            case .text(let request): return (try model.complete(request), 0)
            }
        } catch let error as EngineError where error.code == .contextFull {
            guard truncating else { throw error }
            let tokens = try tokens(for: model)
            let settings = settings
            let room = min(settings.contextLength ?? .max, model.engine.model.contextLength)
            let answer = min(settings.generation.maxTokens ?? room / 4, room / 2)
            // As Ollama does: the first few tokens, which models lean on, and the last ones.
            let first = min(4, room / 2)
            let kept = tokens.prefix(first) + tokens.suffix(max(1, room - answer - first))
            let request = CompletionRequest(prompt: .tokens(Array(kept)), parsesAnswer: true, settings: settings)
            return (try model.complete(request), tokens.count - kept.count)
        }
    }

    private var settings: RequestSettings {
        switch self {
        case .chat(let request): request.settings
        case .text(let request): request.settings
        }
    }
}
