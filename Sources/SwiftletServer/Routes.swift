import Hummingbird

/// Everything that the server answers: one line an endpoint, one file an endpoint family.
enum Routes {
    static let all = ollama + openAI + anthropic + llamaServer

    static let ollama = [
        Route(.get, "/", .open, OllamaAPI(), OllamaAPI.root),
        Route(.get, "/api/version", .open, OllamaAPI(), OllamaAPI.version),
        Route(.get, "/api/tags", .read, OllamaAPI(), OllamaAPI.tags),
        Route(.get, "/api/ps", .read, OllamaAPI(), OllamaAPI.ps),
        Route(.post, "/api/generate", .use, OllamaAPI(), OllamaAPI.generate),
        Route(.post, "/api/chat", .use, OllamaAPI(), OllamaAPI.chat),
    ]
}
