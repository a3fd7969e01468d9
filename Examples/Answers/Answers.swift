// The engine in an app, without a server: an answer as it is written, one as a Swift value, and several at once.
// Run it with `swift run -c release answers MODEL.gguf`; dev/example does that in CI.
import Foundation
import SwiftletKit

struct Recipe: Decodable {
    var name: String
    var minutes: UInt8
    var ingredients: [String]
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

        let recipe = try await chat.generate(Recipe.self, for: "A quick dish with rice, as JSON", settings: settings)
        print("\(recipe.name): \(recipe.minutes) minutes, \(recipe.ingredients.count) ingredients")

        let questions = ["France", "Italy", "Japan"].map { ask("What is the capital of \($0)?") }
        for answer in try await chat.results(of: questions) { print(answer.message.content) }
    }
}
