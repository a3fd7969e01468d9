import Foundation
package import SwiftletEngine
package import SwiftletGround
import SwiftletTokenizers

/// Log probabilities of an answer's tokens, kept until the text that the tokens make comes.
package struct LogProbabilities: Sendable {
    private let speller: TokenSpeller
    private var pending: [GeneratedToken] = []

    package init(_ speller: TokenSpeller) { self.speller = speller }

    package mutating func append(_ token: GeneratedToken) {
        // A token that ends the answer is no part of its text.
        if token.choice != nil, !speller.isEnd(token.id) { pending.append(token) }
    }

    /// The tokens belonged to something that has no log probabilities in the response.
    package mutating func drop() { pending.removeAll(keepingCapacity: true) }

    /// The tokens since the last call.
    package mutating func take() -> [GeneratedToken] {
        defer { pending.removeAll(keepingCapacity: true) }
        return pending
    }

    /// Tokens in the form that OpenAI has for chats; `withIDs` adds llama.cpp's member `id`.
    package func json(_ tokens: [GeneratedToken], withIDs: Bool = false) -> JSONValue {
        .array(
            tokens.compactMap { token in
                guard let choice = token.choice else { return nil }
                var object = entry(TokenProbability(token: token.id, logProbability: choice.logProbability), withIDs)
                object["top_logprobs"] = .array(choice.top.map { .object(entry($0, withIDs)) })
                return .object(object)
            })
    }

    /// Tokens with plain probabilities, as llama-server has those after sampling.
    func chances(_ tokens: [GeneratedToken]) -> JSONValue {
        .array(
            tokens.compactMap { token in
                guard let choice = token.choice else { return nil }
                var object = chance(TokenProbability(token: token.id, logProbability: choice.logProbability))
                object["top_probs"] = .array(choice.top.map { .object(chance($0)) })
                return .object(object)
            })
    }

    private func chance(_ token: TokenProbability) -> JSONObject {
        let named = entry(token, true)
        var object = JSONObject(named.lazy.filter { $0.key != "logprob" }.map { ($0.key, $0.value) })
        object["prob"] = .number(exp(token.logProbability))
        return object
    }

    private func entry(_ token: TokenProbability, _ withID: Bool) -> JSONObject {
        let bytes = speller.bytes(token.token)
        var object = JSONObject()
        if withID { object["id"] = .integer(Int64(token.token)) }
        object["token"] = .string(String(decoding: bytes, as: UTF8.self))
        object["logprob"] = .number(Self.finite(token.logProbability))
        object["bytes"] = .array(bytes.map { .integer(Int64($0)) })
        return object
    }

    /// JSON has no infinity; OpenAI writes -9999 for a token that could not come.
    static func finite(_ value: Double) -> Double { max(value, -9999) }
}
