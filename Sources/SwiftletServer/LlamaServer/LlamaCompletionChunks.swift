package import SwiftletEngine
package import SwiftletGround
import SwiftletModels
import SwiftletTokenizers

/// Turns the events of llama-server's completions into its chunks: one for each piece of text, and a last one with all
/// numbers, which is the whole response when nothing is streamed.
package struct LlamaCompletionChunks: Sendable {
    private struct Choice: Sendable {
        var logProbabilities: LogProbabilities?
        var probabilities: [GeneratedToken] = []
        var text = ""
        var hasLine = false
        /// Tokens since the last chunk, and all of them.
        var fresh: [TokenID] = []
        var count = 0
        var promptTokens = 0
        var last: JSONValue?
    }

    private let request: LlamaCompletionRequest
    private let model: String
    private var choices: [Choice]

    package init(_ request: LlamaCompletionRequest, model: String, speller: TokenSpeller) {
        (self.request, self.model) = (request, model)
        let wanted = request.settings.generation.topLogProbabilities != nil
        let choice = Choice(logProbabilities: wanted ? LogProbabilities(speller) : nil)
        choices = Array(repeating: choice, count: request.prompts.count * request.choices)
    }

    /// The chunks that an event adds to a stream.
    package mutating func chunks(of event: ChatEvent, choice index: Int) -> [JSONValue] {
        switch event {
        case .prompt(let done, let total):
            choices[index].promptTokens = total
            guard request.reportsProgress, request.streams else { return [] }
            var object = partial(index, "", [])
            object["prompt_progress"] = [
                "total": .integer(Int64(total)), "cache": 0, "processed": .integer(Int64(done)), "time_ms": 0,
            ]
            return [.object(object)]
        case .token(let token):
            choices[index].count += 1
            choices[index].fresh.append(token.id)
            choices[index].logProbabilities?.append(token)
            return []
        case .content(let text):
            choices[index].hasLine = choices[index].hasLine || text.utf8.contains(0x0A)
            let tokens = choices[index].logProbabilities?.take() ?? []
            guard request.streams else {
                choices[index].text += text
                choices[index].probabilities += tokens
                return []
            }
            defer { choices[index].fresh = [] }
            return [.object(partial(index, text, tokens))]
        case .finished(let result):
            let last = final(index, result)
            choices[index].last = last
            return [last]
        case .reasoning, .toolCallStart, .toolCallArguments, .toolCallEnd: return []
        }
    }

    /// The response, once all choices have finished: one object, or a list for several prompts.
    package var response: JSONValue {
        let all = choices.compactMap(\.last)
        return all.count == 1 ? all[0] : .array(all)
    }

    private func partial(_ index: Int, _ text: String, _ tokens: [GeneratedToken]) -> JSONObject {
        let choice = choices[index]
        var object: JSONObject = [
            "index": .integer(Int64(index)), "content": .string(text), "tokens": list(choice.fresh), "stop": false,
            "id_slot": 0, "tokens_predicted": .integer(Int64(choice.count)),
            "tokens_evaluated": .integer(Int64(choice.promptTokens)),
        ]
        if !tokens.isEmpty, let writer = choice.logProbabilities {
            object["completion_probabilities"] = json(tokens, writer)
        }
        return object
    }

    private func final(_ index: Int, _ result: ChatResult) -> JSONValue {
        let (choice, generation) = (choices[index], result.generation)
        var settings = request.settings.generationSettings
        settings["stream"] = .bool(request.streams)
        let prompt: JSONValue =
            switch request.prompts[index / request.choices] {
            case .text(let text, _): .string(text)
            case .infill(let prefix, _): .string(prefix)
            case .tokens(let tokens): list(tokens)
            }
        let stop = generation.stopText
        let type = generation.reason == .length ? "limit" : stop == nil ? "eos" : "word"
        var object = JSONObject([
            ("index", .integer(Int64(index))), ("content", .string(choice.text)),
            ("tokens", request.returnsTokens && !request.streams ? list(generation.tokens) : []), ("id_slot", 0),
            ("stop", true), ("model", .string(model)), ("tokens_predicted", .integer(Int64(generation.tokens.count))),
            ("tokens_evaluated", .integer(Int64(generation.promptTokens))),
            ("generation_settings", .object(settings)), ("prompt", prompt), ("has_new_line", .bool(choice.hasLine)),
            ("truncated", false), ("stop_type", .string(type)), ("stopping_word", .string(stop ?? "")),
            ("tokens_cached", .integer(Int64(generation.promptTokens + generation.tokens.count))),
            ("timings", generation.timings),
        ])
        if !request.streams, !choice.probabilities.isEmpty, let writer = choice.logProbabilities {
            object["completion_probabilities"] = json(choice.probabilities, writer)
        }
        return .object(request.responseFields.isEmpty ? object : Self.chosen(request.responseFields, of: object))
    }

    private func json(_ tokens: [GeneratedToken], _ writer: LogProbabilities) -> JSONValue {
        request.settings.generation.tellsChancesOfSampling ? writer.chances(tokens) : writer.json(tokens, withIDs: true)
    }

    private func list(_ tokens: [TokenID]) -> JSONValue { .array(tokens.map { .integer(Int64($0)) }) }

    /// Members by their names; one inside another moves to the root.
    private static func chosen(_ names: [String], of object: JSONObject) -> JSONObject {
        var chosen = JSONObject()
        for name in names {
            let steps = name.split(separator: "/").map(String.init)
            var value: JSONValue? = .object(object)
            for step in steps { value = value?[step] }
            if let value, let last = steps.last { chosen[last] = value }
        }
        return chosen
    }
}
