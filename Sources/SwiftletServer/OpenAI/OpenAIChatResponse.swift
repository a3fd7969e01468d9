package import SwiftletEngine
package import SwiftletGround
import SwiftletModels

/// Gathers the events of a request's choices into a whole chat completion.
package struct OpenAIChatResponse: Sendable {
    private struct Choice: Sendable {
        var tally = AnswerTally()
        var logProbabilities: LogProbabilities?
        var contentTokens: [GeneratedToken] = []
        var result: ChatResult?
    }

    private let head: ResponseHead
    private var choices: [Choice]
    private var usage = OpenAIUsage()
    private var finished = 0

    /// `speller` writes log probabilities; nil for none.
    package init(_ head: ResponseHead, choices: Int, speller: TokenSpeller? = nil) {
        self.head = head
        self.choices = Array(repeating: Choice(logProbabilities: speller.map(LogProbabilities.init)), count: choices)
    }

    package mutating func take(_ event: ChatEvent, choice index: Int) {
        choices[index].tally.take(event)
        switch event {
        case .token(let token): choices[index].logProbabilities?.append(token)
        case .content: choices[index].contentTokens += choices[index].logProbabilities?.take() ?? []
        case .reasoning, .toolCallStart, .toolCallArguments: choices[index].logProbabilities?.drop()
        case .finished(let result):
            choices[index].result = result
            usage.add(result.generation, choices[index].tally, isFirst: finished == 0)
            finished += 1
        case .prompt, .toolCallEnd: break
        }
    }

    /// The response, once all choices have finished.
    package var json: JSONValue {
        var object = JSONObject([
            ("id", .string("chatcmpl-" + head.id)), ("object", "chat.completion"),
            ("created", .integer(Int64(head.created))), ("model", .string(head.model)),
            ("system_fingerprint", .string(ResponseHead.fingerprint)),
        ])
        object["choices"] = .array(choices.indices.map(json(ofChoice:)))
        object["usage"] = usage.json
        object["timings"] = choices.first?.result?.generation.timings
        return .object(object)
    }

    private func json(ofChoice index: Int) -> JSONValue {
        let choice = choices[index]
        var object = JSONObject([("index", .integer(Int64(index)))])
        object["message"] = choice.result.map { Self.json($0.message) } ?? .null
        object["logprobs"] =
            choice.logProbabilities.map { ["content": $0.json(choice.contentTokens), "refusal": nil] } ?? .null
        object["finish_reason"] = choice.result?.end.finishReason ?? .null
        return .object(object)
    }

    private static func json(_ message: ChatMessage) -> JSONValue {
        let calls = message.toolCalls
        var object = JSONObject([("role", "assistant")])
        object["content"] = message.content.isEmpty && !calls.isEmpty ? .null : .string(message.content)
        object["refusal"] = .null
        if let reasoning = message.reasoning { object["reasoning_content"] = .string(reasoning) }
        if !calls.isEmpty {
            object["tool_calls"] = .array(
                calls.map { call in
                    [
                        "id": .string(call.id), "type": "function",
                        "function": ["name": .string(call.name), "arguments": .string(call.arguments.text())],
                    ]
                })
        }
        return .object(object)
    }
}
