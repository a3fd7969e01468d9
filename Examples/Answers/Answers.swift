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

        let question = ChatRequest(messages: [ChatMessage(role: "user", content: "Why is the sky blue?")])
        for try await event in try chat.chat(question) {
            if case .content(let text) = event { print(text, terminator: "") }
        }
        print()

        let recipe = try await chat.generate(Recipe.self, for: "A quick dish with rice, as JSON")
        print("\(recipe.name): \(recipe.minutes) minutes, \(recipe.ingredients.count) ingredients")

        let questions = ["France", "Italy", "Japan"].map { country in
            ChatRequest(messages: [ChatMessage(role: "user", content: "What is the capital of \(country)?")])
        }
        for answer in try await chat.results(of: questions) { print(answer.message.content) }
    }
}
