import ArgumentParser

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "API keys of `swiftlet serve`: who may use it, for what, and how much.",
        discussion: """
            As soon as there is a key, the server lets nobody in without one. A key goes into the header \
            `Authorization: Bearer` or `x-api-key`, where the clients of OpenAI, Ollama and Anthropic put theirs. \
            A running server follows changes within a second.

              $ swiftlet key add laptop
              sk-swl-4f0c…
              $ OPENAI_API_KEY=sk-swl-4f0c… OPENAI_BASE_URL=http://localhost:11434/v1 python3 app.py
              $ swiftlet key revoke laptop
            """,
        subcommands: [KeyAddCommand.self, KeyListCommand.self, KeyRevokeCommand.self])
}
