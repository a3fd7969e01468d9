package import SwiftletEngine
package import SwiftletGround
import SwiftletModels

/// Turns the events of completions into the chunks of a stream, or gathers them into one response.
package struct OpenAICompletionChunks: Sendable {
    private struct Choice: Sendable {
        var hasBegun = false
        var tally = AnswerTally()
        var pending: LogProbabilities?
        var writer: CompletionLogProbabilities?
        /// What is gathered for a response that is not streamed.
        var text = ""
        var tokens: [GeneratedToken] = []
        var result: ChatResult?
    }

    private let head: ResponseHead
    private let request: OpenAICompletionRequest
    private var choices: [Choice]
    private var unfinished: Int
    private var usage = OpenAIUsage()

    /// `speller` writes log probabilities.
    package init(_ head: ResponseHead, _ request: OpenAICompletionRequest, speller: TokenSpeller) {
        (self.head, self.request) = (head, request)
        choices = (0..<request.prompts.count * request.candidates).map { index in
            var choice = Choice()
            let echo = request.echo?[index / request.candidates] ?? ""
            // Candidates are compared by their probabilities even if nobody wants to see them.
            if request.logProbabilities != nil || request.candidates > request.choices {
                choice.pending = LogProbabilities(speller)
                choice.writer = CompletionLogProbabilities(speller, offset: echo.unicodeScalars.count)
            }
            choice.text = echo
            return choice
        }
        unfinished = choices.count
    }

    /// The chunks that an event adds to a stream.
    package mutating func chunks(of event: ChatEvent, choice index: Int) -> [JSONValue] {
        var chunks: [JSONValue] = []
        if let text = take(event, choice: index) {
            var piece = text.piece
            if !choices[index].hasBegun {
                choices[index].hasBegun = true
                piece = (request.echo?[index / request.candidates] ?? "") + piece
            }
            chunks.append(chunk(index, piece, logProbabilities(index, text.tokens), finish: nil))
        }
        if case .finished(let result) = event {
            chunks.append(chunk(index, "", nil, finish: Self.finish(result)))
            if unfinished == 0, request.delivery.includesUsage {
                var last = frame([])
                last["usage"] = usage.json
                chunks.append(.object(last))
            }
            if unfinished == 0, case .object(var last)? = chunks.popLast() {
                last["timings"] = result.generation.timings
                chunks.append(.object(last))
            }
        }
        return chunks
    }

    /// Keeps what an event brings; returns its text with the tokens that made it.
    @discardableResult
    package mutating func take(_ event: ChatEvent, choice index: Int) -> (piece: String, tokens: [GeneratedToken])? {
        choices[index].tally.take(event)
        switch event {
        case .token(let token): choices[index].pending?.append(token)
        case .content(let piece):
            let tokens = choices[index].pending?.take() ?? []
            guard !request.delivery.streams else { return (piece, tokens) }
            choices[index].text += piece
            choices[index].tokens += tokens
            return (piece, tokens)
        case .finished(let result):
            choices[index].result = result
            usage.add(result.generation, choices[index].tally, isFirst: index % request.candidates == 0)
            unfinished -= 1
        case .prompt, .reasoning, .toolCallStart, .toolCallArguments, .toolCallEnd: break
        }
        return nil
    }

    /// The response, once all choices have finished.
    package mutating func response() -> JSONValue {
        var list: [JSONValue] = []
        for start in stride(from: 0, to: choices.count, by: request.candidates) {
            let best = (start..<start + request.candidates).sorted { likelihood($0) > likelihood($1) }
            // Without candidates to choose from, choices keep their order.
            let kept = request.candidates > request.choices ? Array(best.prefix(request.choices)) : best.sorted()
            for index in kept {
                let choice = choices[index]
                let numbers = logProbabilities(index, choice.tokens)
                list.append(
                    entry(list.count, choice.text, numbers, finish: choice.result.map(Self.finish) ?? .null))
            }
        }
        var object = frame(list)
        object["usage"] = usage.json
        object["timings"] = choices.first?.result?.generation.timings
        return .object(object)
    }

    /// The mean log probability of a token, by which OpenAI ranks candidates.
    private func likelihood(_ index: Int) -> Double {
        let values = choices[index].tokens.compactMap { $0.choice?.logProbability }
        return values.isEmpty ? -.infinity : values.reduce(0, +) / Double(values.count)
    }

    private mutating func logProbabilities(_ index: Int, _ tokens: [GeneratedToken]) -> JSONValue? {
        request.logProbabilities == nil ? nil : choices[index].writer?.json(tokens)
    }

    private static func finish(_ result: ChatResult) -> JSONValue { result.end == .length ? "length" : "stop" }

    private func chunk(_ index: Int, _ text: String, _ numbers: JSONValue?, finish: JSONValue) -> JSONValue {
        var object = frame([entry(index, text, numbers, finish: finish)])
        if request.delivery.includesUsage { object["usage"] = .null }
        return .object(object)
    }

    private func entry(_ index: Int, _ text: String, _ numbers: JSONValue?, finish: JSONValue) -> JSONValue {
        [
            "index": .integer(Int64(index)), "text": .string(text), "logprobs": numbers ?? .null,
            "finish_reason": finish,
        ]
    }

    private func frame(_ choices: [JSONValue]) -> JSONObject {
        JSONObject([
            ("id", .string("cmpl-" + head.id)), ("object", "text_completion"),
            ("created", .integer(Int64(head.created))), ("model", .string(head.model)),
            ("system_fingerprint", .string(ResponseHead.fingerprint)), ("choices", .array(choices)),
        ])
    }
}
