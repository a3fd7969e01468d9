package import SwiftletEngine
package import SwiftletGround

/// Turns the events of a request's choices into the chunks of a streamed chat completion.
package struct OpenAIChatChunks: Sendable {
    private struct Choice: Sendable {
        var hasBegun = false
        var tally = AnswerTally()
        var logProbabilities: LogProbabilities?
    }

    private let head: ResponseHead
    private let delivery: StreamFields
    private var choices: [Choice]
    private var unfinished: Int
    private var usage = OpenAIUsage()

    /// `speller` writes log probabilities; nil for none.
    package init(_ head: ResponseHead, choices: Int, delivery: StreamFields, speller: TokenSpeller? = nil) {
        (self.head, self.delivery) = (head, delivery)
        self.choices = Array(repeating: Choice(logProbabilities: speller.map(LogProbabilities.init)), count: choices)
        unfinished = choices
    }

    /// The chunks that an event of a choice adds to the stream.
    package mutating func chunks(of event: ChatEvent, choice index: Int) -> [JSONValue] {
        choices[index].tally.take(event)
        switch event {
        case .prompt(let done, let total): return progress(index, done, total)
        case .token(let token):
            choices[index].logProbabilities?.append(token)
            return begin(index)
        case .reasoning(let text):
            choices[index].logProbabilities?.drop()
            return begin(index) + [chunk(index, ["reasoning_content": .string(text)])]
        case .content(let text): return begin(index) + [content(index, text)]
        case .toolCallStart(let call, let id, let name):
            choices[index].logProbabilities?.drop()
            let function: JSONValue = ["name": .string(name), "arguments": ""]
            return begin(index) + [
                chunk(index, toolCall(call, ["id": .string(id), "type": "function", "function": function]))
            ]
        case .toolCallArguments(let call, let text):
            choices[index].logProbabilities?.drop()
            return [chunk(index, toolCall(call, ["function": ["arguments": .string(text)]]))]
        case .toolCallEnd: return []
        case .finished(let result): return begin(index) + finish(index, result)
        }
    }

    /// The first chunk of a choice tells whose turn it is.
    private mutating func begin(_ index: Int) -> [JSONValue] {
        guard !choices[index].hasBegun else { return [] }
        choices[index].hasBegun = true
        return [chunk(index, ["role": "assistant", "content": ""])]
    }

    private mutating func content(_ index: Int, _ text: String) -> JSONValue {
        var logProbabilities: JSONValue?
        if let tokens = choices[index].logProbabilities?.take(), let writer = choices[index].logProbabilities {
            logProbabilities = ["content": writer.json(tokens), "refusal": nil]
        }
        return chunk(index, ["content": .string(text)], logProbabilities: logProbabilities)
    }

    private mutating func finish(_ index: Int, _ result: ChatResult) -> [JSONValue] {
        usage.add(result.generation, choices[index].tally, isFirst: unfinished == choices.count)
        unfinished -= 1
        var chunks = [chunk(index, JSONObject(), finish: result.end.finishReason)]
        if unfinished == 0, delivery.includesUsage {
            var last = frame([])
            last["usage"] = usage.json
            chunks.append(.object(last))
        }
        if unfinished == 0, case .object(var last)? = chunks.popLast() {
            last["timings"] = result.generation.timings
            chunks.append(.object(last))
        }
        return chunks
    }

    private mutating func progress(_ index: Int, _ done: Int, _ total: Int) -> [JSONValue] {
        // The request has its turn: clients see that at once, however long the prompt is.
        var chunks = begin(index)
        guard delivery.reportsProgress else { return chunks }
        var object = frame([["index": .integer(Int64(index)), "delta": .object(JSONObject()), "finish_reason": nil]])
        object["prompt_progress"] = ["total": .integer(Int64(total)), "processed": .integer(Int64(done))]
        chunks.append(.object(object))
        return chunks
    }

    private func toolCall(_ index: Int, _ members: JSONObject) -> JSONObject {
        var call = JSONObject([("index", .integer(Int64(index)))])
        for member in members { call[member.key] = member.value }
        return ["tool_calls": [.object(call)]]
    }

    private func chunk(
        _ index: Int, _ delta: JSONObject, logProbabilities: JSONValue? = nil, finish: JSONValue = nil
    ) -> JSONValue {
        var choice = JSONObject([("index", .integer(Int64(index))), ("delta", .object(delta))])
        choice["logprobs"] = logProbabilities ?? .null
        choice["finish_reason"] = finish
        return .object(frame([.object(choice)]))
    }

    private func frame(_ choices: [JSONValue]) -> JSONObject {
        var object = JSONObject([
            ("id", .string("chatcmpl-" + head.id)), ("object", "chat.completion.chunk"),
            ("created", .integer(Int64(head.created))), ("model", .string(head.model)),
            ("system_fingerprint", .string(ResponseHead.fingerprint)), ("choices", .array(choices)),
        ])
        // With usage asked for, all chunks have the member, null but in the last one.
        if delivery.includesUsage { object["usage"] = .null }
        return object
    }
}
