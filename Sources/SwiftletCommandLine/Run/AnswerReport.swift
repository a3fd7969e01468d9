import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletTokenizers

/// What an answer took, as `--json` and `--stats` show it.
struct AnswerReport {
    private let answer: Answer
    private let model: String
    private let load: Duration?
    /// From the start of the command, or of the turn, to the first token.
    private let firstToken: Duration?

    init(_ answer: Answer, runner: Runner, start: ContinuousClock.Instant, includesLoad: Bool = true) {
        self.answer = answer
        model = runner.modelName
        load = includesLoad ? runner.loadDuration : nil
        firstToken = answer.firstToken.map { $0 - start }
    }

    /// How many tokens the context now holds of the conversation.
    var contextTokens: Int { answer.promptTokens + generated.count }

    private var generated: [TokenID] { answer.result?.tokens ?? answer.tokens }

    /// Counts in tokens, durations in seconds, the process's peak memory in bytes; what an interrupted answer does not have is null.
    var json: JSONValue {
        let result = answer.result
        return [
            "model": .string(model),
            "text": .string(answer.text),
            "tokens": .array(generated.map { .integer(Int64($0)) }),
            "finishReason": .string(result?.reason.rawValue ?? "cancelled"),
            "stopText": (result?.stopText).map(JSONValue.string) ?? .null,
            "counts": [
                "prompt": .integer(Int64(answer.promptTokens)),
                "cached": result.map { .integer(Int64($0.cachedTokens)) } ?? .null,
                "generated": .integer(Int64(generated.count)),
            ],
            "durations": [
                "load": seconds(load), "prompt": seconds(result?.promptDuration),
                "generation": seconds(result?.generationDuration), "firstToken": seconds(firstToken),
            ],
            "peakMemory": .integer(Int64(ProcessMemory.peak)),
        ]
    }

    /// Two or three lines for a person.
    var text: String {
        guard let result = answer.result else { return "stopped after \(answer.tokens.count) tokens\n" }
        let computed = result.promptTokens - result.cachedTokens
        // The first token comes with the prompt's last step, so it is not in the generation's time.
        let steps = max(result.tokens.count - 1, 0)
        var table = TextTable(.left, .right, .right, .right)
        table.add("prompt", "\(computed) tokens", result.promptDuration.text, rate(computed, result.promptDuration))
        table.add(
            "generation", "\(steps) tokens", result.generationDuration.text, rate(steps, result.generationDuration))
        var text = table.text()
        if let firstToken { text += "first token after \(firstToken.text)" }
        if let load { text += ", loading \(load.text)" }
        if result.cachedTokens > 0 { text += ", \(result.cachedTokens) prompt tokens were there already" }
        return text + ", peak memory \(ProcessMemory.peak / 1_000_000) MB\n"
    }

    private func rate(_ tokens: Int, _ duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        return seconds > 0 && tokens > 0 ? String(format: "%.1f tokens/s", Double(tokens) / seconds) : "-"
    }

    private func seconds(_ duration: Duration?) -> JSONValue {
        duration.map { .number(($0 / .microseconds(1)).rounded() / 1e6) } ?? .null
    }
}

extension Duration {
    /// "0.123 s"
    var text: String { String(format: "%.3f s", self / .seconds(1)) }
}
