import Hummingbird
import SwiftletGround

/// Ollama's API (docs/api.md of ollama, its server/routes.go): errors are `{"error": "..."}`, also as the last line of a stream.
struct OllamaAPI: APIFamily {
    func body(of failure: RequestFailure) -> JSONValue {
        ["error": .string(failure.message)]
    }

    /// The words by which clients find out that an Ollama is there.
    static func root(_ call: Call) async throws -> Response { .text("Ollama is running") }

    static func version(_ call: Call) async throws -> Response { .json(["version": .string(ServerVersion.current)]) }
}
