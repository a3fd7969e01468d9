import ArgumentParser
import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModels

extension RunCommand {
    /// One prompt: streams the answer, or prints it as JSON; exits with 130 if it was interrupted.
    func answer(_ prompt: String, with runner: Runner, from start: ContinuousClock.Instant) async throws {
        let interrupts = Interrupts(SIGINT)
        let show: @Sendable (String) throws -> Void = { [json] text in
            if !json { try StandardOutput.write(text) }
        }
        let answer: Answer
        if raw {
            answer = try await runner.complete(prompt, runner.parameters, interrupts: interrupts, show: show)
        } else {
            let system = system.map { [ChatMessage(role: "system", content: $0)] } ?? []
            let messages = system + [ChatMessage(role: "user", content: prompt)]
            answer = try await runner.answer(messages, runner.parameters, interrupts: interrupts, show: show)
        }
        let report = AnswerReport(answer, runner: runner, start: start)
        if json {
            try StandardOutput.write(report.json.text(.python) + "\n")
        } else if !answer.text.isEmpty, !answer.text.hasSuffix("\n") {
            try StandardOutput.write("\n")
        }
        if stats { StandardError.write(report.text) }
        guard let result = answer.result else { throw ExitCode(128 + SIGINT) }
        if result.reason == .length, answer.tokens.count < runner.parameters.maxTokens ?? .max {
            throw CommandError(
                .input, "the context is full, the answer is not at its end", advice: "Give --context or --context-shift"
            )
        }
    }
}
