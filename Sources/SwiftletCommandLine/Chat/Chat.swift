import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModels

/// A conversation at a terminal: reads a line, does what it asks or lets the model answer it, until the user leaves.
final class Chat {
    static let prompt = ">>> "
    static let continuation = "... "

    let runner: Runner
    private let lines: any LineSource
    private let interrupts: Interrupts
    var conversation = Conversation()
    var parameters: GenerationParameters
    var showsStatistics: Bool
    var lastReport: AnswerReport?

    init(_ runner: Runner, lines: any LineSource, showsStatistics: Bool) {
        (self.runner, self.lines, self.showsStatistics) = (runner, lines, showsStatistics)
        parameters = runner.parameters
        conversation.system = runner.system
        interrupts = Interrupts(SIGINT)
    }

    /// The line editor of a chat; without a file it keeps no history.
    static func editor(history: URL?) -> LineEditor {
        LineEditor(
            prompt: prompt, continuation: continuation, history: LineHistory(file: history),
            needsMore: ChatMarkup.needsMore
        ) { text in
            text.hasPrefix("/") && !text.contains(" ") ? ChatCommand.names.filter { $0.hasPrefix(text) } : []
        }
    }

    func run() async throws {
        // A model that cannot chat says so before the first message.
        _ = try runner.chat.render(ChatRequest(messages: [ChatMessage(role: "user", content: "Hi")]))
        defer { TerminalMode.original.activate() }
        try StandardOutput.write("\(runner.modelName): write a message, /help for commands, Ctrl-D to leave.\n")
        while true {
            switch try lines.readLine() {
            case .end: return
            case .interrupted(let wasEmpty): if wasEmpty { try StandardOutput.write("Ctrl-D or /bye leaves.\n") }
            case .text(let line): if try await !handle(line) { return }
            }
        }
    }

    /// False when the user wants to leave.
    private func handle(_ line: String) async throws -> Bool {
        let message = ChatMarkup.message(line).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !message.isEmpty else { return true }
        do {
            if let command = try ChatCommand(line) { return try await perform(command) }
            // A message that failed has no answer; the new one takes its place.
            if conversation.awaitsAnswer { _ = conversation.takeBackTurn() }
            conversation.add("user", message)
            try await answer()
        } catch let error as CommandError where error.code == .output {
            throw error
        } catch {
            StandardError.write("\(error)\n")
        }
        return true
    }

    /// Lets the model answer the last message; what it had written when it was interrupted or failed stays.
    func answer() async throws {
        let start = ContinuousClock.now
        let shown = ShownText()
        do {
            let answer = try await runner.answer(conversation.messages, parameters, interrupts: interrupts) { text in
                shown.add(text)
                try StandardOutput.write(text)
            }
            conversation.add("assistant", shown.text)
            try StandardOutput.write(
                answer.result == nil ? " [stopped]\n\n" : shown.text.hasSuffix("\n") ? "\n" : "\n\n")
            let report = AnswerReport(
                answer, runner: runner, start: start, includesLoad: false)
            lastReport = report
            if showsStatistics { StandardError.write(report.text) }
        } catch {
            if !shown.text.isEmpty {
                conversation.add("assistant", shown.text)
                try StandardOutput.write("\n")
            }
            throw error
        }
    }
}
