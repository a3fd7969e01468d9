import Hummingbird
import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletTokenizers

/// An answer on its way to a client of /api/generate or /api/chat: events of the engine become Ollama's records.
struct OllamaAnswer: Sendable {
    enum Endpoint: Sendable {
        case generate, chat
    }

    /// What the last record tells beside the engine's own counts.
    struct Frame: Sendable {
        var model: String
        var endpoint: Endpoint
        var start: ContinuousClock.Instant
        var loadDuration: Duration
        /// Tokens of the prompt that were left out because it was too long.
        var truncatedTokens: Int
        /// What /api/generate adds at the end: the tokens that a next request may give as `context`.
        var context: (@Sendable (ChatResult) -> JSONValue?)?
    }

    let frame: Frame
    private let speller: TokenSpeller?
    /// Tokens whose text has not been sent yet.
    private var pending: [GeneratedToken] = []
    private var call: (id: String, name: String, arguments: String)?
    private(set) var calls: [JSONValue] = []

    init(_ frame: Frame, speller: TokenSpeller?) { (self.frame, self.speller) = (frame, speller) }

    /// The record that an event makes; nil if none.
    mutating func record(of event: ChatEvent) -> JSONValue? {
        switch event {
        case .prompt: return nil
        case .token(let token):
            if speller != nil, token.choice != nil { pending.append(token) }
            return nil
        case .reasoning(let text): return part(thinking: text)
        case .content(let text): return part(content: text)
        case .toolCallStart(_, let id, let name):
            call = (id, name, "")
            return nil
        case .toolCallArguments(_, let text):
            call?.arguments += text
            return nil
        case .toolCallEnd(let index):
            guard let call else { return nil }
            let arguments = (try? JSONValue(parsing: call.arguments)) ?? .object(JSONObject())
            let value: JSONValue = [
                "id": .string(call.id),
                "function": ["index": .integer(Int64(index)), "name": .string(call.name), "arguments": arguments],
            ]
            calls.append(value)
            self.call = nil
            return part(calls: [value])
        case .finished(let result): return last(result)
        }
    }

    /// A record of the stream.
    private mutating func part(content: String = "", thinking: String? = nil, calls: [JSONValue] = []) -> JSONValue {
        var object = head
        add(content, thinking, calls, to: &object)
        object["done"] = false
        takeLogProbabilities(into: &object)
        return .object(object)
    }

    /// The record that ends a stream: what remains, why it ended, and the counts.
    private mutating func last(_ result: ChatResult) -> JSONValue {
        var object = head
        add("", nil, [], to: &object)
        takeLogProbabilities(into: &object)
        addCounts(result, to: &object)
        return .object(object)
    }

    /// The whole answer as one record.
    mutating func whole(_ result: ChatResult, _ logProbabilities: [JSONValue]) -> JSONValue {
        var object = head
        add(result.message.content, result.message.reasoning, calls, to: &object)
        if speller != nil { object["logprobs"] = .array(logProbabilities) }
        addCounts(result, to: &object)
        return .object(object)
    }

    /// What an answer says that only loads or unloads a model.
    func nothing(_ reason: String) -> JSONValue {
        var object = head
        add("", nil, [], to: &object)
        object["done"] = true
        object["done_reason"] = .string(reason)
        return .object(object)
    }

    private var head: JSONObject {
        JSONObject([("model", .string(frame.model)), ("created_at", .string(Timestamp.text()))])
    }

    private func add(_ content: String, _ thinking: String?, _ calls: [JSONValue], to object: inout JSONObject) {
        switch frame.endpoint {
        case .generate:
            object["response"] = .string(content)
            if let thinking { object["thinking"] = .string(thinking) }
        case .chat:
            var message = JSONObject([("role", "assistant"), ("content", .string(content))])
            if let thinking { message["thinking"] = .string(thinking) }
            if !calls.isEmpty { message["tool_calls"] = .array(calls) }
            object["message"] = .object(message)
        }
    }

    private func addCounts(_ result: ChatResult, to object: inout JSONObject) {
        let generation = result.generation
        func nanoseconds(_ duration: Duration) -> JSONValue {
            let (seconds, attoseconds) = duration.components
            return .integer(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        }
        object["done"] = true
        object["done_reason"] = .string(result.end == .length ? "length" : "stop")
        object["total_duration"] = nanoseconds(frame.start.duration(to: .now))
        object["load_duration"] = nanoseconds(frame.loadDuration)
        object["prompt_eval_count"] = .integer(Int64(generation.promptTokens))
        object["prompt_eval_duration"] = nanoseconds(generation.promptDuration)
        object["eval_count"] = .integer(Int64(generation.tokens.count))
        object["eval_duration"] = nanoseconds(generation.generationDuration)
        // Ours: what Ollama does not tell.
        object["prompt_cached_count"] = .integer(Int64(generation.cachedTokens))
        if let context = frame.context?(result) { object["context"] = context }
        if frame.truncatedTokens > 0 { object["prompt_truncated_count"] = .integer(Int64(frame.truncatedTokens)) }
    }

    private mutating func takeLogProbabilities(into object: inout JSONObject) {
        guard !pending.isEmpty else { return }
        object["logprobs"] = .array(takeLogProbabilities())
    }

    /// The tokens since the last call, with their log probabilities.
    mutating func takeLogProbabilities() -> [JSONValue] {
        guard let speller else { return [] }
        defer { pending = [] }
        return pending.compactMap { token in
            guard let choice = token.choice, !speller.isEnd(token.id) else { return nil }
            var object = Self.entry(token.id, choice.logProbability, speller)
            if !choice.top.isEmpty {
                object["top_logprobs"] = .array(
                    choice.top.map { .object(Self.entry($0.token, $0.logProbability, speller)) })
            }
            return .object(object)
        }
    }

    private static func entry(_ token: TokenID, _ logProbability: Double, _ speller: TokenSpeller) -> JSONObject {
        let bytes = speller.bytes(token)
        return JSONObject([
            ("token", .string(String(decoding: bytes, as: UTF8.self))),
            ("logprob", .number(max(logProbability, -9999))),
            ("bytes", .array(bytes.map { .integer(Int64($0)) })),
        ])
    }
}

extension Call {
    /// Sends an answer as a stream of records or as one; `lease` is held until its end.
    func send(
        _ stream: ChatStream, _ lease: ModelLease, _ frame: OllamaAnswer.Frame, _ request: OllamaRequest
    ) async throws -> Response {
        let tokenizer = try lease.chat.engine.model.tokenizer
        let answer = OllamaAnswer(frame, speller: request.topLogProbabilities == nil ? nil : TokenSpeller(tokenizer))
        guard request.streams else { return .json(try await answer.whole(of: stream)) }
        return try await self.stream(.lines) { writer in
            try await answer.write(stream, to: writer)
            withExtendedLifetime(lease) {}
        }
    }
}

extension OllamaAnswer {
    /// A record for each piece, as it comes.
    fileprivate func write(_ stream: ChatStream, to writer: StreamWriter) async throws {
        var answer = self
        let call = CallRecord.current
        for try await event in stream {
            call?.take(event)
            if let record = answer.record(of: event) { writer.send(record) }
            if case .finished = event { return }
        }
        throw CancellationError()
    }

    /// All pieces in one record.
    fileprivate func whole(of stream: ChatStream) async throws -> JSONValue {
        var answer = self
        var logProbabilities: [JSONValue] = []
        let call = CallRecord.current
        for try await event in stream {
            call?.take(event)
            if case .finished(let result) = event {
                logProbabilities += answer.takeLogProbabilities()
                return answer.whole(result, logProbabilities)
            }
            if case .token = event {} else { logProbabilities += answer.takeLogProbabilities() }
            _ = answer.record(of: event)
        }
        throw CancellationError()
    }
}
