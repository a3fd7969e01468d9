import SwiftletGround
import SwiftletModels
import SwiftletTemplates

/// An answer in progress; dropping it, ending its iteration or the task that iterates cancels the generation.
public struct ChatStream: AsyncSequence, Sendable {
    public typealias Element = ChatEvent

    private let tokens: TokenStream
    private let parser: AnswerParser

    init(_ tokens: TokenStream, _ parser: AnswerParser) { (self.tokens, self.parser) = (tokens, parser) }

    public func makeAsyncIterator() -> Iterator { Iterator(tokens.makeAsyncIterator(), AnswerAssembly(parser)) }

    public struct Iterator: AsyncIteratorProtocol {
        private var tokens: TokenStream.Iterator
        private var answer: AnswerAssembly
        /// Events that one token brought, the next one last.
        private var pending: [ChatEvent] = []

        init(_ tokens: TokenStream.Iterator, _ answer: AnswerAssembly) { (self.tokens, self.answer) = (tokens, answer) }

        public mutating func next() async throws -> ChatEvent? { try await next(isolation: nil) }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> ChatEvent? {
            while pending.isEmpty {
                guard let event = try await tokens.next(isolation: actor) else { return nil }
                pending = answer.events(of: event).reversed()
            }
            return pending.removeLast()
        }
    }

    /// Waits for the whole answer.
    public func result() async throws -> ChatResult {
        for try await event in self {
            if case .finished(let result) = event { return result }
        }
        throw CancellationError()
    }
}

/// Turns tokens into the parts of an answer, and keeps the parts for its result.
struct AnswerAssembly {
    private var parser: AnswerParser
    private var message = ChatMessage(role: "assistant", content: "")
    private var arguments = ""

    init(_ parser: AnswerParser) { self.parser = parser }

    mutating func events(of event: GenerationEvent) -> [ChatEvent] {
        switch event {
        case .prompt(let done, let total): return [.prompt(done: done, total: total)]
        case .token(let token): return [.token(token)] + parts(parser.append(token.text))
        case .text(let text): return parts(parser.append(text))
        case .finished(let result):
            let rest = parts(parser.finish())
            let end: AnswerEnd =
                result.reason == .length ? .length : message.toolCalls.isEmpty ? .stop : .toolCalls
            return rest + [.finished(ChatResult(message: message, end: end, generation: result))]
        }
    }

    private mutating func parts(_ parts: [AnswerPart]) -> [ChatEvent] { parts.map { event(of: $0) } }

    private mutating func event(of part: AnswerPart) -> ChatEvent {
        switch part {
        case .reasoning(let text):
            message.reasoning = (message.reasoning ?? "") + text
            return .reasoning(text)
        case .content(let text):
            message.content += text
            return .content(text)
        case .toolCallStart(let index, let name):
            let call = ToolCall(id: ToolCall.makeID(), name: name, arguments: .object(JSONObject()))
            message.toolCalls.append(call)
            arguments = ""
            return .toolCallStart(index: index, id: call.id, name: name)
        case .toolCallArguments(let index, let text):
            arguments += text
            return .toolCallArguments(index: index, text)
        case .toolCallEnd(let index):
            if let value = try? JSONValue(parsing: arguments) {
                message.toolCalls[message.toolCalls.count - 1].arguments = value
            }
            return .toolCallEnd(index: index)
        }
    }
}

extension ToolCall {
    /// Nine letters and digits at random: the only form that every template accepts (Mistral's insist on it).
    static func makeID() -> String {
        let signs = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        return String((0..<9).map { _ in signs[Int.random(in: signs.indices)] })
    }
}
