import Hummingbird
import SwiftletEngine
import SwiftletGround
import SwiftletTokenizers

/// Anthropic's API.
struct AnthropicAPI: APIFamily {
    func body(of failure: RequestFailure) -> JSONValue {
        [
            "type": "error",
            "error": [
                "type": .string(Self.type(of: failure)),
                "message": .string(failure.problem?.anthropicMessage ?? failure.message),
            ],
            "request_id": .string(ResponseHead.makeID("req_")),
        ]
    }

    func record(of failure: RequestFailure) -> StreamRecord { .event("error", body(of: failure)) }

    private static func type(of failure: RequestFailure) -> String {
        switch failure.status.code {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 503, 529: "overloaded_error"
        case 400..<500, 501: "invalid_request_error"
        default: "api_error"
        }
    }

    static func messages(_ call: Call) async throws -> Response {
        let (model, request) = try await read(call, counts: false)
        let choices = Choices(perPrompt: 1, atOnce: 1) { _ in try model.chat.chat(request.chat) }
        guard request.streams else {
            var events = AnthropicEvents(model.head)
            try await choices.run { _ = events.events(of: $1) }
            return .json(events.message)
        }
        return try await call.stream(.events) { writer in
            var events = AnthropicEvents(model.head)
            try await choices.run { _, event in
                for event in events.events(of: event) { writer.send(event: event.name, event.data) }
            }
        }
    }

    static func countTokens(_ call: Call) async throws -> Response {
        let (model, request) = try await read(call, counts: true)
        return .json(["input_tokens": .integer(Int64(try model.chat.tokens(request.chat).count))])
    }

    private static func read(_ call: Call, counts: Bool) async throws -> (HeldModel, AnthropicRequest) {
        let fields = try await call.fields()
        return try await call.hold(fields) {
            try AnthropicRequest(.object(fields.object), defaults: $0, counts: counts)
        }
    }
}
