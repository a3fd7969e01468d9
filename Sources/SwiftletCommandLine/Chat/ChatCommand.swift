import Foundation
import SwiftletGround

/// What a line that begins with `/` asks for.
enum ChatCommand: Equatable {
    case help, bye, clear, retry, undo, show
    case system(String?)
    case set(name: String?, value: String?)
    case save(String), load(String)
    case stats(Bool?)

    /// The names and what they do, in the order of the help.
    static let table: [(usage: String, meaning: String)] = [
        ("/set NAME VALUE", "Set a sampling or generation option: /set temperature 0.2"),
        ("/system TEXT", "Set the instructions; alone shows them, \"none\" removes them"),
        ("/show", "Show the model, the context and what is set"),
        ("/retry", "Answer the last message again"),
        ("/undo", "Take back the last message and its answer"),
        ("/clear", "Forget the conversation"),
        ("/save FILE", "Write the conversation to a file (JSON)"),
        ("/load FILE", "Go on with a saved conversation"),
        ("/stats [on|off]", "Speed of the last answer; on shows it after each"),
        ("/help", "Show this"),
        ("/bye", "Leave, as Ctrl-D does"),
    ]

    static let names = table.map { $0.usage.prefix { $0 != " " } }.map(String.init)

    /// Nil if the line is a message; throws if it is no command that there is.
    init?(_ line: String) throws(CommandError) {
        guard line.hasPrefix("/") else { return nil }
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        let name = String(parts[0])
        let rest = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : nil
        switch name {
        case "/help", "/?": self = .help
        case "/bye", "/exit", "/quit": self = .bye
        case "/clear": self = .clear
        case "/retry": self = .retry
        case "/undo": self = .undo
        case "/show": self = .show
        case "/system": self = .system(rest)
        case "/set":
            let words = rest?.split(separator: " ", maxSplits: 1).map(String.init) ?? []
            self = .set(name: words.first, value: words.count > 1 ? words[1] : nil)
        case "/save": self = .save(try Self.file(rest, for: name))
        case "/load": self = .load(try Self.file(rest, for: name))
        case "/stats": self = .stats(rest.map { $0 == "on" })
        default:
            throw CommandError(
                .usage, "there is no such command", at: name,
                advice: "/help lists them; begin with a space to send the line as it is")
        }
    }

    private static func file(_ text: String?, for name: String) throws(CommandError) -> String {
        guard let text, !text.isEmpty else {
            throw CommandError(.usage, "a file is missing", at: name, advice: "For instance: \(name) chat.json")
        }
        return text.hasPrefix("~/") ? NSHomeDirectory() + text.dropFirst() : text
    }
}
