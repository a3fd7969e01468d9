import Foundation
import SwiftletEngine
import SwiftletGround
import SwiftletModels

extension Chat {
    /// False when the user wants to leave.
    func perform(_ command: ChatCommand) async throws -> Bool {
        switch command {
        case .bye: return false
        case .help: try help()
        case .clear:
            conversation.clear()
            try say("Forgotten.")
        case .system(let text): try system(text)
        case .set(let name, let value): try set(name, value)
        case .show: try show()
        case .save(let path): try save(path)
        case .load(let path): try load(path)
        case .retry:
            guard conversation.takeBackAnswer() else { return try say("There is no message yet.") }
            try await answer()
        case .undo:
            guard let message = conversation.takeBackTurn() else { return try say("There is no message yet.") }
            try say("Taken back: \(message.onOneLine(atMost: 60))")
        case .stats(let always): try stats(always)
        }
        return true
    }

    @discardableResult
    private func say(_ text: String) throws -> Bool {
        try StandardOutput.write(text + "\n")
        return true
    }

    private func help() throws {
        var table = TextTable()
        for row in ChatCommand.table { table.add(row.usage, row.meaning) }
        var keys = TextTable()
        keys.add("\\ at the end", "goes on in a new line; so do Alt-Enter and a message in \"\"\"")
        keys.add("Up, Down", "earlier messages")
        keys.add("Ctrl-C", "stops an answer, or throws away what is typed")
        try StandardOutput.write(table.text(indent: "  ") + "\n" + keys.text(indent: "  "))
    }

    private func system(_ text: String?) throws {
        if let text { conversation.system = text == "none" ? nil : ChatMarkup.message(text) }
        try say(
            conversation.system.map { "Instructions: \($0)" }
                ?? "No instructions of yours; the template may have its own.")
    }

    private func set(_ name: String?, _ value: String?) throws {
        guard let name else {
            try StandardOutput.write(ChatSettings.text(of: parameters))
            try say("All options under GENERATION and SAMPLING in `swiftlet run --help` can be set.")
            return
        }
        try ChatSettings.set(name, to: value, in: &parameters)
    }

    private func show() throws {
        let used = lastReport.map { "\($0.contextTokens) of " } ?? ""
        var table = TextTable()
        table.add("model", "\(runner.modelName) (\(runner.model.configuration.architecture))")
        table.add("context", "\(used)\(runner.model.contextLength) tokens")
        table.add("messages", "\(conversation.turns.count)")
        if let system = conversation.system { table.add("instructions", system.onOneLine(atMost: 100)) }
        try StandardOutput.write(table.text(indent: "  ") + ChatSettings.text(of: parameters))
    }

    private func stats(_ always: Bool?) throws {
        if let always { showsStatistics = always }
        try StandardOutput.write(lastReport?.text ?? "There is no answer yet.\n")
    }

    private func save(_ path: String) throws {
        let text = conversation.json.text(.pretty) + "\n"
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw CommandError(.file, "cannot be written", at: path, cause: error)
        }
        try say("Saved \(conversation.turns.count) messages to \(path).")
    }

    private func load(_ path: String) throws {
        let json = try InputFile.json(path)
        do {
            conversation = try Conversation(json)
        } catch {
            throw error.within(path)
        }
        try say("Loaded \(conversation.turns.count) messages.")
    }
}
