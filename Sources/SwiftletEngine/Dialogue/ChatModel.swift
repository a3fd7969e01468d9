import SwiftletGround
import SwiftletModels
public import SwiftletTemplates
public import SwiftletTokenizers

/// A model that people talk to: conversations become prompts, and what the model writes becomes reasoning, content and
/// tool calls again.
///
/// ```swift
/// let chat = try ChatModel(Engine(LanguageModel(contentsOf: url)))
/// for try await event in try chat.chat(ChatRequest(messages: [ChatMessage(role: "user", content: "Hello!")])) {
///     if case .content(let text) = event { print(text, terminator: "") }
/// }
/// ```
public final class ChatModel: Sendable {
    public let engine: Engine
    /// Nil for a model that can only continue texts.
    public let template: PromptTemplate?
    /// How the model writes reasoning and tool calls.
    public let style: AnswerStyle
    let tokenizer: any Tokenizer
    let constraints: ConstraintCache
    /// Special tokens that an answer's parser must see as text.
    let visibleTokens: Set<TokenID>

    /// `template` takes the place of the file's own.
    ///
    /// Reads the vocabulary; throws if the file has none, or if its template is damaged.
    public init(_ engine: Engine, template: PromptTemplate? = nil) throws {
        self.engine = engine
        self.template = try template ?? engine.model.chatTemplate.map(PromptTemplate.jinja)
        tokenizer = try engine.model.tokenizer
        style = self.template.map { AnswerStyle(templateSource: $0.source) } ?? .plain
        let vocabulary = tokenizer.vocabulary
        visibleTokens = Set(style.withTaggedCalls.markers.compactMap(vocabulary.token))
        constraints = ConstraintCache(tokenizer, visible: visibleTokens)
    }

    /// Whether conversations can be had at all.
    public var supportsChat: Bool { template != nil }
    /// Whether the model was trained to call tools; others are told how to in the system message.
    public var supportsTools: Bool { template?.readsTools ?? false }
    public var supportsReasoning: Bool { style.supportsReasoning }
    /// Whether the model can fill in between a prefix and a suffix.
    public var supportsInfill: Bool {
        let special = tokenizer.vocabulary.special
        return special.fillPrefix != nil && special.fillSuffix != nil && special.fillMiddle != nil
    }

    /// Answers a conversation.
    ///
    /// Throws at once what is wrong with the request: a schema or grammar, what the template refuses, a prompt longer than
    /// the context; what happens later comes through the stream.
    public func chat(_ request: ChatRequest) throws -> ChatStream {
        let prompt = try render(request)
        try checkLength(prompt, contexts: 1, request.settings)
        let calls = try CallPlan(request, style: style, knowsTools: supportsTools)
        let reasons = request.parsesAnswer && style.startsInReasoning(prompt: prompt)
        let parser = AnswerParser(
            calls.style, tools: calls.tools.map(\.json), startsInReasoning: reasons,
            parsesReasoning: request.parsesAnswer, parsesTools: request.parsesAnswer && !calls.tools.isEmpty)
        let constraint = try constraints.constraint(
            for: request.settings.format, calls: calls, reasoningEnd: reasons ? style.reasoningClosing : nil)
        return try stream(tokens(ofPrompt: prompt), constraint, parser, request.settings)
    }

    /// Continues a text as it is.
    public func complete(_ request: CompletionRequest) throws -> ChatStream {
        let parser = AnswerParser(
            style, toolNames: [], startsInReasoning: false, parsesReasoning: request.parsesAnswer, parsesTools: false)
        let constraint = try constraints.constraint(for: request.settings.format, calls: .none, reasoningEnd: nil)
        if case .text(let text, _) = request.prompt { try checkLength(text, contexts: 1, request.settings) }
        return try stream(tokens(request), constraint, parser, request.settings)
    }

    /// The tokens that the model sees of a conversation.
    ///
    /// Throws for a text that is many times longer than the context holds.
    public func tokens(_ request: ChatRequest) throws -> [TokenID] {
        let prompt = try render(request)
        try checkLength(prompt, contexts: Self.mostContexts, request.settings)
        return tokens(ofPrompt: prompt)
    }

    /// The tokens that the model sees of a text to continue. Throws for one that is many times longer than the context holds.
    public func tokens(_ request: CompletionRequest) throws -> [TokenID] {
        switch request.prompt {
        case .tokens(let tokens): return tokens
        case .text(let text, let parsesSpecial):
            try checkLength(text, contexts: Self.mostContexts, request.settings)
            return tokenizer.encode(text, addSpecial: true, parseSpecial: parsesSpecial)
        case .infill(let prefix, let suffix):
            for text in [prefix, suffix] { try checkLength(text, contexts: 1, request.settings) }
            let vocabulary = tokenizer.vocabulary
            let special = vocabulary.special
            guard let first = special.fillPrefix, let second = special.fillSuffix, let last = special.fillMiddle else {
                throw EngineError(
                    .unsupported, "the model was not trained to fill in", advice: "Use a model with fill-in tokens")
            }
            var tokens: [TokenID] = []
            if vocabulary.addsBeginning, let beginning = special.beginningOfSequence { tokens.append(beginning) }
            tokens += [first] + tokenizer.encode(prefix)
            tokens += [second] + tokenizer.encode(suffix)
            return tokens + [last]
        }
    }

    /// A template that writes the beginning-of-sequence token itself must not get a second one.
    private func tokens(ofPrompt text: String) -> [TokenID] {
        let beginning = tokenizer.vocabulary.beginningText
        let beginsItself = !beginning.isEmpty && text.utf8.starts(with: beginning.utf8)
        return tokenizer.encode(text, addSpecial: !beginsItself, parseSpecial: true)
    }

    /// Texts that are to be cut may be longer than the context.
    private static let mostContexts = 4

    /// Throws for a text that has more tokens than so many contexts hold, wherever they end, before time is spent on it: a
    /// word of megabytes takes a minute.
    private func checkLength(_ text: String, contexts: Int, _ settings: RequestSettings) throws {
        let room = contexts * min(settings.contextLength ?? .max, engine.model.contextLength)
        // At least a byte a token.
        guard text.utf8.count > room, tokenizer.fewestTokens(of: text) > room else { return }
        throw EngineError(
            .contextFull, "the prompt has more than \(room) tokens" + (contexts > 1 ? ", \(contexts) contexts" : ""),
            advice: "Shorten the prompt or open the model with a longer context")
    }

    private func stream(
        _ prompt: [TokenID], _ constraint: GrammarConstraint?, _ parser: AnswerParser, _ settings: RequestSettings
    ) throws -> ChatStream {
        let room = min(settings.contextLength ?? .max, engine.model.contextLength)
        guard prompt.count <= room else {
            throw EngineError(
                .contextFull, "the prompt has \(prompt.count) tokens, but the context holds \(room)",
                advice: "Shorten the prompt or open the model with a longer context")
        }
        var parameters = settings.generation
        if parser.readsMarkers { parameters.visibleTokens.formUnion(visibleTokens) }
        // A full context ends the answer, as its length does; the last token needs no place.
        if parameters.overflow == .fail {
            parameters.maxTokens = min(parameters.maxTokens ?? .max, room - prompt.count + 1)
        }
        let request = GenerationRequest(
            prompt: prompt, parameters: parameters, constraint: constraint, client: settings.client,
            priority: settings.priority, deadline: settings.deadline, usesPrefixCache: settings.usesPrefixCache)
        return ChatStream(engine.generate(request), parser)
    }
}
