import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletServer
import SwiftletTokenizers

/// Answers as an engine would stream them, without one: tokens are letters, 0 ends an answer.
enum AnswerFixtures {
    static let speller = TokenSpeller(
        spell: { token in token == 0 ? Array("<end>".utf8) : [UInt8(truncatingIfNeeded: token)] },
        ends: { $0 == 0 })
    static let head = ResponseHead(id: "ID", created: 1, model: "m")

    /// A token for each letter, with a log probability.
    static func token(_ letter: Unicode.Scalar, likely: Double = -0.5) -> ChatEvent {
        let id = TokenID(letter.value)
        let other = TokenProbability(token: id + 1, logProbability: -3)
        let choice = TokenChoice(
            token: id, logProbability: likely,
            top: [TokenProbability(token: id, logProbability: likely), other])
        return .token(GeneratedToken(id: id, text: String(letter), choice: choice))
    }

    /// Each letter as a token and then as text.
    static func said(_ text: String, _ part: (String) -> ChatEvent = ChatEvent.content) -> [ChatEvent] {
        text.unicodeScalars.flatMap { [token($0), part(String($0))] }
    }

    static func finished(
        _ message: ChatMessage, _ end: AnswerEnd = .stop, tokens: Int, prompt: Int = 10, cached: Int = 4,
        stopText: String? = nil
    ) -> ChatEvent {
        let generation = GenerationResult(
            reason: end == .length ? .length : .stop, stopText: stopText,
            tokens: Array(repeating: 65, count: tokens), promptTokens: prompt, cachedTokens: cached,
            queueDuration: .zero, promptDuration: .milliseconds(3), generationDuration: .milliseconds(20))
        return .finished(ChatResult(message: message, end: end, generation: generation))
    }

    /// Reasoning "r", content "Hi", then a call of `f` with {"a":1}.
    static var everything: [ChatEvent] {
        let call = ToolCall(id: "abc123def", name: "f", arguments: ["a": 1])
        let message = ChatMessage(role: "assistant", content: "Hi", reasoning: "r", toolCalls: [call])
        return [.prompt(done: 10, total: 10)] + said("r", ChatEvent.reasoning) + said("Hi") + [
            token("x"), .toolCallStart(index: 0, id: "abc123def", name: "f"),
            token("y"), .toolCallArguments(index: 0, "{\"a\":"), token("z"), .toolCallArguments(index: 0, "1}"),
            .toolCallEnd(index: 0), .token(GeneratedToken(id: 0, text: "")),
            finished(message, .toolCalls, tokens: 7),
        ]
    }
}
