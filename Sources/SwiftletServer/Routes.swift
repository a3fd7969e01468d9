import Hummingbird

/// Everything that the server answers: one line an endpoint, one file an endpoint family.
enum Routes {
    static let all = page + ollama + openAI + anthropic + llamaServer + operation

    static let page = [
        Route(.get, "/", .open, OllamaAPI(), WebPage.root),
        Route(.get, "/ui/**", .open, OllamaAPI(), WebPage.file),
    ]

    static let ollama = [
        Route(.get, "/api/version", .open, OllamaAPI(), OllamaAPI.version),
        Route(.get, "/api/tags", .read, OllamaAPI(), OllamaAPI.tags),
        Route(.get, "/api/ps", .read, OllamaAPI(), OllamaAPI.ps),
        Route(.post, "/api/show", .read, OllamaAPI(), OllamaAPI.show),
        Route(.post, "/api/generate", .use, OllamaAPI(), OllamaAPI.generate),
        Route(.post, "/api/chat", .use, OllamaAPI(), OllamaAPI.chat),
        Route(.post, "/api/embed", .use, OllamaAPI(), OllamaAPI.embed),
        Route(.post, "/api/embeddings", .use, OllamaAPI(), OllamaAPI.embeddings),
        Route(.post, "/api/pull", .admin, OllamaAPI(), OllamaAPI.pull),
        Route(.post, "/api/push", .admin, OllamaAPI(), OllamaAPI.push),
        Route(.post, "/api/create", .admin, OllamaAPI(), OllamaAPI.create),
        Route(.post, "/api/copy", .admin, OllamaAPI(), OllamaAPI.copy),
        Route(.delete, "/api/delete", .admin, OllamaAPI(), OllamaAPI.delete),
        Route(.head, "/api/blobs/:digest", .admin, OllamaAPI(), OllamaAPI.hasBlob),
        Route(.post, "/api/blobs/:digest", .admin, OllamaAPI(), OllamaAPI.addBlob),
    ]
}
