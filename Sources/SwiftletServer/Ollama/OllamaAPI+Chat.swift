import Hummingbird
import SwiftletEngine
import SwiftletGround
import SwiftletLibrary
import SwiftletModels

extension OllamaAPI {
    /// POST /api/chat: the next turn of a conversation.
    static func chat(_ call: Call) async throws -> Response {
        let start = ContinuousClock.now
        let fields = try await call.fields()
        let named = try call.resolve(named: modelName(fields))
        let request = try OllamaRequest(fields, named.settings)
        var messages = try OllamaMessages.read(fields)
        let tools = try OpenAITools(fields, nested: true)
        guard !messages.isEmpty else { return try await loadOrUnload(call, request, .chat, start) }

        let lease = try await call.core.host.lease(
            named, keepAlive: request.keepAlive, contextLength: request.contextLength)
        let model = try lease.chat
        let isInstructed = messages[0].role == "system"
        messages = named.settings.firstTurns + messages
        if let system = named.settings.system, !isInstructed {
            messages.insert(ChatMessage(role: "system", content: system), at: 0)
        }
        var chat = ChatRequest(
            messages: messages, tools: tools.definitions, toolChoice: tools.choice, thinking: request.thinking,
            continuesLastMessage: messages.last?.role == "assistant",
            settings: try request.settings(for: call, lease))
        if let effort = request.effort { chat.variables["reasoning_effort"] = .string(effort) }
        let (stream, truncated) = try request.truncates ? model.chatTruncated(chat) : (model.chat(chat), 0)
        let frame = OllamaAnswer.Frame(
            model: request.model, endpoint: .chat, start: start, loadDuration: lease.loadDuration,
            truncatedTokens: truncated)
        return try await call.send(stream, lease, frame, request)
    }

    /// A request without a prompt loads its model, or unloads it when it is not to be kept.
    static func loadOrUnload(
        _ call: Call, _ request: OllamaRequest, _ endpoint: OllamaAnswer.Endpoint, _ start: ContinuousClock.Instant
    ) async throws -> Response {
        // Nothing waits, but nonsense is told.
        _ = try call.deadline()
        let unloads = request.keepAlive == .duration(.zero)
        if unloads {
            try await call.core.host.unload(call.resolve(named: request.model).name)
        } else {
            _ = try await call.lease(
                request.model, keepAlive: request.keepAlive, contextLength: request.contextLength)
        }
        let answer = OllamaAnswer(
            OllamaAnswer.Frame(
                model: request.model, endpoint: endpoint, start: start, loadDuration: .zero, truncatedTokens: 0),
            speller: nil)
        return .json(answer.nothing(unloads ? "unload" : "load"))
    }
}

extension ChatModel {
    /// Answers a conversation without its oldest turns if it is too long; tells how many tokens of the prompt were left out.
    ///
    /// What remains begins with a user's turn, after the instructions. Throws if even the last turn is too long.
    fileprivate func chatTruncated(_ request: ChatRequest) throws -> (ChatStream, truncatedTokens: Int) {
        do {
            return (try chat(request), 0)
        } catch let error as EngineError where error.code == .contextFull {
            let all = try tokens(request).count
            let first = request.messages.first?.role == "system" ? 1 : 0
            let beginnings = request.messages.indices.filter { $0 > first && request.messages[$0].role == "user" }
            // A place for the answer beside the prompt.
            let room = min(request.settings.contextLength ?? .max, engine.model.contextLength)
            let answer = min(request.settings.generation.maxTokens ?? room / 4, room / 2)
            var shorter = request
            func count(from beginning: Int) throws -> Int {
                shorter.messages = Array(request.messages[..<first] + request.messages[beginning...])
                return try tokens(shorter).count
            }
            // Halving: fewer turns are fewer tokens, and to count them all would take the square of their number.
            var (low, high) = (0, beginnings.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if try count(from: beginnings[middle]) <= room - answer { high = middle } else { low = middle + 1 }
            }
            guard high >= 0 else { throw error }
            let kept = try count(from: beginnings[high])
            guard kept <= room else { throw error }
            return (try chat(shorter), all - kept)
        }
    }
}
