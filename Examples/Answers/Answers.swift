// The engine in an app, without a server: an answer as it is written, one as a Swift value, and several at once.
// Run it with `swift run -c release answers MODEL.gguf`; dev/example does that in CI.
import Foundation
import SwiftletKit

struct City: Decodable {
    var name: String
    var country: String
    var isCapital: Bool
}

@main struct Answers {
    static func main() async throws {
        let model = try LanguageModel(contentsOf: URL(filePath: CommandLine.arguments[1]))
        let chat = try ChatModel(Engine(model))

        // A small model may not come to an end by itself.
        let settings = RequestSettings(generation: GenerationParameters(sampling: .greedy, maxTokens: 200))
        func ask(_ text: String) -> ChatRequest {
            ChatRequest(messages: [ChatMessage(role: "user", content: text)], settings: settings)
        }

        for try await event in try chat.chat(ask("Why is the sky blue? Answer in one sentence.")) {
            if case .content(let text) = event { print(text, terminator: "") }
        }
        print()

        let city = try await chat.generate(City.self, for: "A large city in Japan, as JSON", settings: settings)
        print("\(city.name) in \(city.country), \(city.isCapital ? "the" : "not the") capital")

        let questions = ["France", "Italy", "Japan"].map { ask("What is the capital of \($0)?") }
        for answer in try await chat.results(of: questions) { print(answer.message.content) }
    }
}
