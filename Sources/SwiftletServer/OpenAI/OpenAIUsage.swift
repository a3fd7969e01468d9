import SwiftletEngine
import SwiftletGround

/// The numbers of tokens in a response of OpenAI's family, over all its choices.
struct OpenAIUsage: Sendable {
    private var prompt = 0
    private var cached = 0
    private var completion = 0
    private var reasoning = 0

    /// Adds a finished choice. `isFirst`: choices share a prompt, which counts once.
    mutating func add(_ result: GenerationResult, _ tally: AnswerTally, isFirst: Bool) {
        if isFirst {
            prompt += result.promptTokens
            cached += result.cachedTokens
        }
        completion += result.tokens.count
        reasoning += tally.reasoning
    }

    var json: JSONValue {
        [
            "prompt_tokens": .integer(Int64(prompt)), "completion_tokens": .integer(Int64(completion)),
            "total_tokens": .integer(Int64(prompt + completion)),
            "prompt_tokens_details": ["cached_tokens": .integer(Int64(cached))],
            "completion_tokens_details": ["reasoning_tokens": .integer(Int64(reasoning))],
        ]
    }

    /// As responses name them.
    var responsesJSON: JSONValue {
        [
            "input_tokens": .integer(Int64(prompt)),
            "input_tokens_details": ["cached_tokens": .integer(Int64(cached)), "cache_write_tokens": 0],
            "output_tokens": .integer(Int64(completion)),
            "output_tokens_details": ["reasoning_tokens": .integer(Int64(reasoning))],
            "total_tokens": .integer(Int64(prompt + completion)),
        ]
    }
}

extension AnswerEnd {
    /// OpenAI's `finish_reason`.
    var finishReason: JSONValue {
        switch self {
        case .stop: "stop"
        case .length: "length"
        case .toolCalls: "tool_calls"
        }
    }
}
