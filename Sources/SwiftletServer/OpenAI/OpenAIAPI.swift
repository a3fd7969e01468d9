import Hummingbird
import SwiftletEngine
import SwiftletGround

/// OpenAI's API: its errors, and chat completions. Others of its endpoints have files of their own.
struct OpenAIAPI: APIFamily {
    func body(of failure: RequestFailure) -> JSONValue {
        [
            "error": [
                "message": .string(failure.problem?.openAIMessage ?? failure.message),
                "type": .string(Self.type(of: failure)),
                "param": failure.field.flatMap { $0.isEmpty ? nil : .string($0) } ?? .null,
                "code": Self.code(of: failure).map { .string($0) } ?? .null,
            ]
        ]
    }

    private static func type(of failure: RequestFailure) -> String {
        switch failure.status.code {
        case 403: "permission_error"
        case 429: "rate_limit_error"
        case 503: "service_unavailable_error"
        case 400..<500, 501: "invalid_request_error"
        default: "server_error"
        }
    }

    private static func code(of failure: RequestFailure) -> String? {
        if let problem = failure.problem { return problem.openAICode }
        switch failure.code {
        case EngineError.Code.contextFull.name: return "context_length_exceeded"
        case ServerError.Code.unsupported.name: return "unsupported"
        default: break
        }
        switch failure.status.code {
        case 404: return failure.field == "model" ? "model_not_found" : nil
        case 401: return "invalid_api_key"
        case 403: return "insufficient_permissions"
        case 429: return "rate_limit_exceeded"
        case 503: return "overloaded"
        default: return nil
        }
    }

    static func chatCompletions(_ call: Call) async throws -> Response {
        let fields = try await call.fields()
        let (model, request) = try await call.hold(fields) {
            try OpenAIChatRequest(.object(fields.object), defaults: $0)
        }
        let speller = request.chat.settings.generation.topLogProbabilities == nil ? nil : model.speller
        let choices = Choices(perPrompt: request.choices, atOnce: model.atOnce) {
            try model.chat.chat(request.request(choice: $0))
        }
        guard request.delivery.streams else {
            var response = OpenAIChatResponse(model.head, choices: request.choices, speller: speller)
            try await choices.run { response.take($1, choice: $0) }
            return .json(response.json)
        }
        return try await call.stream(.events) { writer in
            var chunks = OpenAIChatChunks(
                model.head, choices: request.choices, delivery: request.delivery, speller: speller)
            try await choices.run { index, event in
                for chunk in chunks.chunks(of: event, choice: index) { writer.send(chunk) }
            }
            writer.send(.text("[DONE]"))
        }
    }

    static func completions(_ call: Call) async throws -> Response {
        let fields = try await call.fields()
        let (model, request) = try await call.hold(fields) {
            try OpenAICompletionRequest(.object(fields.object), defaults: $0)
        }
        let requests = request.requests
        let choices = Choices(prompts: request.prompts.count, perPrompt: request.candidates, atOnce: model.atOnce) {
            try model.chat.complete(requests[$0])
        }
        guard request.delivery.streams else {
            var response = OpenAICompletionChunks(model.head, request, speller: model.speller)
            try await choices.run { response.take($1, choice: $0) }
            return .json(response.response())
        }
        return try await call.stream(.events) { writer in
            var chunks = OpenAICompletionChunks(model.head, request, speller: model.speller)
            try await choices.run { index, event in
                for chunk in chunks.chunks(of: event, choice: index) { writer.send(chunk) }
            }
            writer.send(.text("[DONE]"))
        }
    }
}
