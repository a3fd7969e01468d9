import ArgumentParser
import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModels

extension RunCommand {
    /// One prompt: streams the answer, or prints it as JSON; exits with 130 if it was interrupted.
    func answer(_ prompt: String, with runner: Runner, from start: ContinuousClock.Instant) async throws {
        let tokens: [Int32]
        if raw {
            tokens = try runner.tokens(raw: prompt)
        } else {
            let system = system.map { [ChatMessage(role: "system", content: $0)] } ?? []
            tokens = try runner.tokens(system + [ChatMessage(role: "user", content: prompt)])
        }
        let answer = try await runner.generate(tokens, runner.parameters, interrupts: Interrupts(SIGINT)) {
            [json] text in
            if !json { try StandardOutput.write(text) }
        }
        let report = AnswerReport(answer, promptTokens: tokens.count, runner: runner, start: start)
        if json {
            try StandardOutput.write(report.json.text(.python) + "\n")
        } else if !answer.text.isEmpty, !answer.text.hasSuffix("\n") {
            try StandardOutput.write("\n")
        }
        if stats { StandardError.write(report.text) }
        if answer.result == nil { throw ExitCode(128 + SIGINT) }
    }
}
