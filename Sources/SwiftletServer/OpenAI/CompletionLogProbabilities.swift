import SwiftletEngine
import SwiftletGround

/// Log probabilities in the form that completions have: lists side by side, and where each token begins in the text.
struct CompletionLogProbabilities: Sendable {
    private let speller: TokenSpeller
    /// The text's length so far, in Unicode scalars, as in Python.
    private var offset: Int

    init(_ speller: TokenSpeller, offset: Int = 0) { (self.speller, self.offset) = (speller, offset) }

    mutating func json(_ tokens: [GeneratedToken]) -> JSONValue {
        var lists: [[JSONValue]] = [[], [], [], []]
        for token in tokens {
            guard let choice = token.choice else { continue }
            let text = speller.text(token.id)
            var top = JSONObject()
            for likely in choice.top { top[speller.text(likely.token)] = .number(finite(likely.logProbability)) }
            lists[0].append(.string(text))
            lists[1].append(.number(finite(choice.logProbability)))
            lists[2].append(.object(top))
            lists[3].append(.integer(Int64(offset)))
            offset += text.unicodeScalars.count
        }
        return [
            "tokens": .array(lists[0]), "token_logprobs": .array(lists[1]), "top_logprobs": .array(lists[2]),
            "text_offset": .array(lists[3]),
        ]
    }

    private func finite(_ value: Double) -> Double { LogProbabilities.finite(value) }
}
