import Foundation
public import SwiftletGround
import SwiftletModels

extension ChatModel {
    /// An answer as a value of a type: the model can write nothing but JSON that the type decodes.
    ///
    /// ```swift
    /// struct Dish: Decodable { var name: String; var minutes: Int; var ingredients: [String] }
    /// let dish = try await chat.generate(Dish.self, for: "A quick dish with rice")
    /// ```
    ///
    /// `schema`: by default what `JSONValue.schema(of:)` finds. Dates come as ISO 8601. Throws `incomplete` if the answer was
    /// cut off by its largest number of tokens, and what the type itself refuses.
    public func generate<T: Decodable>(
        _ type: T.Type, for prompt: String, schema: JSONValue? = nil, settings: RequestSettings = RequestSettings()
    ) async throws -> T {
        try await generate(
            type, ChatRequest(messages: [ChatMessage(role: "user", content: prompt)], settings: settings),
            schema: schema)
    }

    /// The same in a conversation.
    public func generate<T: Decodable>(
        _ type: T.Type, _ request: ChatRequest, schema: JSONValue? = nil
    ) async throws -> T {
        var request = request
        request.settings.format = .schema(try schema ?? .schema(of: type))
        let result = try await chat(request).result()
        guard result.end != .length else {
            throw EngineError(
                .incomplete, "the answer ended before its JSON did", advice: "Allow more tokens")
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: Data(result.message.content.utf8))
    }

    /// The answers to many conversations, in their order; they are computed together, as many as the engine runs at once.
    public func results(of requests: [ChatRequest]) async throws -> [ChatResult] {
        try await withThrowingTaskGroup(of: (Int, ChatResult).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, try await self.chat(request).result()) }
            }
            var results = [ChatResult?](repeating: nil, count: requests.count)
            for try await (index, result) in group { results[index] = result }
            return results.compactMap { $0 }
        }
    }
}
