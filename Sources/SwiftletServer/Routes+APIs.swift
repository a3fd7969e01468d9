import Hummingbird

/// The families beside Ollama's. llama-server answers most paths of OpenAI's without `/v1`, too.
extension Routes {
    static let openAI = [
        Route(.get, "/v1/models", .read, OpenAIAPI(), OpenAIAPI.models),
        Route(.get, "/v1/models/**", .read, OpenAIAPI(), OpenAIAPI.model),
        Route(.post, "/v1/chat/completions", .use, OpenAIAPI(), OpenAIAPI.chatCompletions),
        Route(.post, "/v1/completions", .use, OpenAIAPI(), OpenAIAPI.completions),
        Route(.post, "/v1/embeddings", .use, OpenAIAPI(), OpenAIAPI.embeddings),
        Route(.post, "/v1/responses", .use, OpenAIResponsesAPI(), OpenAIResponsesAPI.responses),
    ]

    static let anthropic = [
        Route(.post, "/v1/messages", .use, AnthropicAPI(), AnthropicAPI.messages),
        Route(.post, "/v1/messages/count_tokens", .use, AnthropicAPI(), AnthropicAPI.countTokens),
    ]

    static let llamaServer = [
        Route(.get, "/health", .open, LlamaServerAPI(), LlamaServerAPI.health),
        Route(.get, "/v1/health", .open, LlamaServerAPI(), LlamaServerAPI.health),
        Route(.get, "/props", .read, LlamaServerAPI(), LlamaServerAPI.props),
        Route(.get, "/slots", .read, LlamaServerAPI(), LlamaServerAPI.slots),
        Route(.get, "/models", .read, OpenAIAPI(), OpenAIAPI.models),
        Route(.post, "/completion", .use, LlamaServerAPI(), LlamaServerAPI.completion),
        Route(.post, "/completions", .use, LlamaServerAPI(), LlamaServerAPI.completion),
        Route(.post, "/infill", .use, LlamaServerAPI(), LlamaServerAPI.infill),
        Route(.post, "/tokenize", .use, LlamaServerAPI(), LlamaServerAPI.tokenize),
        Route(.post, "/detokenize", .use, LlamaServerAPI(), LlamaServerAPI.detokenize),
        Route(.post, "/apply-template", .use, LlamaServerAPI(), LlamaServerAPI.applyTemplate),
        Route(.post, "/embedding", .use, LlamaServerAPI(), LlamaServerAPI.embedding),
        Route(.post, "/embeddings", .use, LlamaServerAPI(), LlamaServerAPI.embedding),
        Route(.post, "/chat/completions", .use, OpenAIAPI(), OpenAIAPI.chatCompletions),
        Route(.post, "/responses", .use, OpenAIResponsesAPI(), OpenAIResponsesAPI.responses),
    ]

    static let operation = [
        Route(.get, "/ready", .open, LlamaServerAPI(), OperationAPI.ready),
        Route(.get, "/metrics", .read, LlamaServerAPI(), OperationAPI.metrics),
        Route(.get, "/openapi.yaml", .open, LlamaServerAPI(), OperationAPI.openAPIYAML),
        Route(.get, "/openapi.json", .open, LlamaServerAPI(), OperationAPI.openAPIJSON),
    ]

    /// Whose error an unknown path gets.
    static func family(ofPath path: String) -> any APIFamily {
        if path.hasPrefix("/v1/messages") { return AnthropicAPI() }
        return path.hasPrefix("/v1/") ? OpenAIAPI() : OllamaAPI()
    }
}
