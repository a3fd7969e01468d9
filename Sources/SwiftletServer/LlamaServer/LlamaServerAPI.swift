import Hummingbird
import SwiftletEngine
import SwiftletGround
import SwiftletTokenizers

/// llama-server's own API; what it shares with OpenAI's and Anthropic's is theirs.
struct LlamaServerAPI: APIFamily {
    func body(of failure: RequestFailure) -> JSONValue {
        let isTooLong = failure.code == EngineError.Code.contextFull.name
        let type =
            switch failure.status.code {
            case 401: "authentication_error"
            case 403: "permission_error"
            case 404: "not_found_error"
            case 429: "rate_limit_error"
            case 501: "not_supported_error"
            case 503: "unavailable_error"
            case 400..<500: isTooLong ? "exceed_context_size_error" : "invalid_request_error"
            default: "server_error"
            }
        return [
            "error": [
                "code": .integer(Int64(failure.status.code)),
                "message": .string(failure.problem?.llamaMessage ?? failure.message), "type": .string(type),
            ]
        ]
    }

    static func health(_ call: Call) async throws -> Response { .json(["status": "ok"]) }

    static func completion(_ call: Call) async throws -> Response { try await complete(call, infills: false) }

    static func infill(_ call: Call) async throws -> Response { try await complete(call, infills: true) }

    private static func complete(_ call: Call, infills: Bool) async throws -> Response {
        let fields = try await call.fields()
        let (model, request) = try await call.hold(fields) {
            try LlamaCompletionRequest(.object(fields.object), defaults: $0, infills: infills)
        }
        if infills, !model.chat.supportsInfill {
            throw ServerError(
                .unsupported, "infill is not supported by this model: it has no tokens for prefix, suffix and middle")
        }
        let requests = request.requests
        let choices = Choices(prompts: request.prompts.count, perPrompt: request.choices, atOnce: model.atOnce) {
            try model.chat.complete(requests[$0])
        }
        guard request.streams else {
            var chunks = LlamaCompletionChunks(request, model: model.name, speller: model.speller)
            try await choices.run { _ = chunks.chunks(of: $1, choice: $0) }
            return .json(chunks.response)
        }
        return try await call.stream(.events) { writer in
            var chunks = LlamaCompletionChunks(request, model: model.name, speller: model.speller)
            try await choices.run { index, event in
                for chunk in chunks.chunks(of: event, choice: index) { writer.send(chunk) }
            }
        }
    }

    static func tokenize(_ call: Call) async throws -> Response {
        let fields = try await call.fields()
        return .json(try TokenFields.tokenize(fields, await call.hold(fields).tokenizer))
    }

    static func detokenize(_ call: Call) async throws -> Response {
        let fields = try await call.fields()
        return .json(try TokenFields.detokenize(fields, await call.hold(fields).tokenizer))
    }

    static func applyTemplate(_ call: Call) async throws -> Response {
        let fields = try await call.fields()
        let (model, request) = try await call.hold(fields) {
            try OpenAIChatRequest(.object(fields.object), defaults: $0)
        }
        return .json(["prompt": .string(try model.chat.render(request.chat))])
    }

    static func embedding(_ call: Call) async throws -> Response {
        let fields = try await call.fields()
        let request = try EmbeddingsRequest(.object(fields.object))
        let lease = try await call.lease(call.modelName(fields))
        let vectors = try await OpenAIAPI.vectors(request, of: lease).vectors
        // One vector a text, in a list, since other kinds of pooling give one a token.
        return .json(
            .array(
                try vectors.enumerated().map { index, vector in
                    ["index": .integer(Int64(index)), "embedding": [try request.json(vector)]]
                }))
    }
}
