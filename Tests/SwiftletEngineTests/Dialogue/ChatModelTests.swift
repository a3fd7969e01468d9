import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModels
import SwiftletTemplates
import SwiftletTokenizers
import Testing

/// Conversations with SmolLM2, whose template knows no tools.
@Suite(.enabled(if: TestModel.smollm2 != nil), .serialized)
struct ChatModelTests {
    private static let shared = Result { try ChatModel(Engine(LanguageModel(contentsOf: #require(TestModel.smollm2)))) }

    private let chat: ChatModel

    init() throws { chat = try Self.shared.get() }

    private static let weather = ToolDefinition(
        name: "get_weather", description: "The weather of a city",
        parameters: [
            "type": "object", "properties": ["city": ["type": "string"], "days": ["type": "integer", "minimum": 1]],
            "required": ["city", "days"], "additionalProperties": false,
        ])
    private static let time = ToolDefinition(name: "get_time", parameters: ["type": "object"])

    private func request(_ text: String, tokens: Int = 64, temperature: Float = 0, seed: UInt64 = 1) -> ChatRequest {
        var generation = GenerationParameters(maxTokens: tokens)
        generation.sampling.temperature = temperature
        generation.sampling.seed = seed
        return ChatRequest(
            messages: [ChatMessage(role: "user", content: text)], settings: RequestSettings(generation: generation))
    }

    @Test func theStreamIsTheResult() async throws {
        var content = ""
        var tokens: [TokenID] = []
        var last: ChatResult?
        for try await event in try chat.chat(request("What is the capital of France?", tokens: 24)) {
            switch event {
            case .content(let text): content += text
            case .token(let token): tokens.append(token.id)
            case .finished(let result): last = result
            default: break
            }
        }
        let result = try #require(last)
        #expect(content.contains("Paris"))
        #expect(result.message.content == content)
        #expect(tokens.starts(with: result.generation.tokens))
        #expect(result.message.toolCalls.isEmpty)
    }

    @Test func anAnswerGoesOnFromItsBeginning() async throws {
        var request = request("What is the capital of France?", tokens: 8)
        request.messages.append(ChatMessage(role: "assistant", content: "The capital is the city of"))
        request.continuesLastMessage = true
        #expect(try chat.render(request).hasSuffix("The capital is the city of"))
        #expect(try await chat.chat(request).result().message.content.contains("Paris"))
    }

    @Test(arguments: [ToolChoice.required, .named("get_weather")])
    func aForcedCallIsACall(choice: ToolChoice) async throws {
        for seed in 1...4 {
            var request = request("How is the weather in Oslo?", tokens: 400, temperature: 1, seed: UInt64(seed))
            request.tools = [Self.time, Self.weather]
            request.toolChoice = choice
            request.allowsParallelCalls = false
            let result = try await chat.chat(request).result()
            guard result.end != .length else { continue }
            #expect(result.end == .toolCalls)
            #expect(result.message.toolCalls.count == 1)
            let call = try #require(result.message.toolCalls.first)
            if choice != .required { #expect(call.name == "get_weather") }
            #expect(call.id.count == 9)
            guard call.name == "get_weather" else { continue }
            #expect(call.arguments["city"]?.string != nil)
            #expect(try #require(call.arguments["days"]?.integer) >= 1)
        }
    }

    @Test func aSchemaBindsTheAnswer() async throws {
        var request = request("Describe a cat.", tokens: 500, temperature: 1.5, seed: 3)
        request.settings.format = .schema([
            "type": "object", "additionalProperties": false, "required": ["name", "age", "kind"],
            "properties": [
                "name": ["type": "string", "maxLength": 20], "age": ["type": "integer", "minimum": 0, "maximum": 30],
                "kind": ["enum": ["house", "wild"]],
            ],
        ])
        let result = try await chat.chat(request).result()
        #expect(result.end == .stop)
        let value = try JSONValue(parsing: result.message.content)
        #expect(value["name"]?.string != nil)
        #expect((0...30).contains(try #require(value["age"]?.integer)))
        #expect(["house", "wild"].contains(try #require(value["kind"]?.string)))
    }

    private struct Cat: Decodable { var name: String; var age: UInt8; var likesFish: Bool }

    @Test func anAnswerIsAValueOfAType() async throws {
        var settings = RequestSettings(generation: GenerationParameters(maxTokens: 400))
        settings.generation.sampling.seed = 5
        let cat = try await chat.generate(Cat.self, for: "Invent a cat.", settings: settings)
        #expect(!cat.name.isEmpty)
    }

    @Test func manyConversationsKeepTheirOrder() async throws {
        let cities = ["France": "Paris", "Italy": "Rome", "Spain": "Madrid", "Japan": "Tokyo"]
        let questions = cities.sorted { $0.key < $1.key }
        let answers = try await chat.results(
            of: questions.map { request("What is the capital of \($0.key)? Answer in one word.", tokens: 16) })
        for (question, answer) in zip(questions, answers) {
            #expect(answer.message.content.contains(question.value), "\(question.key)")
        }
    }

    @Test func whatIsWrongIsSaidAtOnce() throws {
        var bad = request("Hi")
        bad.settings.format = .schema(["type": "strnig"])
        #expect(throws: (any Error).self) { try chat.chat(bad) }
        bad = request("Hi")
        bad.toolChoice = .named("nobody")
        #expect { try chat.chat(bad) } throws: { ($0 as? EngineError)?.code == .invalidParameter }
        bad = request(String(repeating: "word ", count: 20_000))
        #expect { try chat.chat(bad) } throws: { ($0 as? EngineError)?.code == .contextFull }
        let infill = CompletionRequest(prompt: .infill(prefix: "a", suffix: "b"))
        if !chat.supportsInfill {
            #expect { try chat.complete(infill) } throws: { ($0 as? EngineError)?.code == .unsupported }
        }
    }

    @Test func aTemplateWithoutSystemTurnGetsItInTheUsers() throws {
        let source = """
            {%- for m in messages %}{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}\
            <{{ m.role }}>{{ m.content }}{% endfor %}<model>
            """
        let model = try ChatModel(chat.engine, template: .jinja(ChatTemplate(source: source)))
        var request = request("Hello")
        request.messages.insert(ChatMessage(role: "system", content: "Be brief."), at: 0)
        #expect(try model.render(request) == "<user>Be brief.\n\nHello<model>")
    }

    @Test func aModelWithoutToolsIsToldOfThem() throws {
        var request = request("How is the weather?")
        request.tools = [Self.weather]
        let text = try chat.render(request)
        #expect(text.contains("get_weather") && text.contains("<tool_call>"))
        request.toolChoice = .none
        #expect(try !chat.render(request).contains("get_weather"))
    }
}
