import Hummingbird
import SwiftletEngine
import SwiftletGround

/// Responses, without state.
struct OpenAIResponsesAPI: APIFamily {
    func body(of failure: RequestFailure) -> JSONValue { OpenAIAPI().body(of: failure) }

    func record(of failure: RequestFailure) -> StreamRecord {
        var data = JSONObject([("type", "error"), ("sequence_number", 0)])
        for member in body(of: failure)["error"]?.object ?? JSONObject() where member.key != "type" {
            data[member.key] = member.value
        }
        return .event("error", .object(data))
    }

    static func responses(_ call: Call) async throws -> Response {
        let fields = try await call.fields()
        let (model, request) = try await call.hold(fields) {
            try OpenAIResponseRequest(.object(fields.object), defaults: $0)
        }
        let speller = request.chat.settings.generation.topLogProbabilities == nil ? nil : model.speller
        let choices = Choices(perPrompt: 1, atOnce: 1) { _ in try model.chat.chat(request.chat) }
        guard request.delivery.streams else {
            var events = OpenAIResponseEvents(model.head, echo: request.echo, speller: speller)
            try await choices.run { _ = events.events(of: $1) }
            return .json(events.response)
        }
        return try await call.stream(.events) { writer in
            var events = OpenAIResponseEvents(model.head, echo: request.echo, speller: speller)
            var hasBegun = false
            do {
                try await choices.run { _, event in
                    if !hasBegun {
                        hasBegun = true
                        for event in events.begin() { writer.send(event: event.name, event.data) }
                    }
                    for event in events.events(of: event) { writer.send(event: event.name, event.data) }
                }
            } catch {
                guard hasBegun, !(error is CancellationError) else { throw error }
                // The original's word for a response that broke off; the stream's own would not tell its items.
                let failure = RequestFailure(error)
                call.log.failed(error)
                let last = events.failure("server_error", failure.message)
                writer.send(event: last.name, last.data)
            }
        }
    }
}
