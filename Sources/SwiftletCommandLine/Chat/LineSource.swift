import Foundation

/// Where a chat's lines come from.
protocol LineSource: AnyObject {
    /// The next message or command, whole.
    func readLine() throws -> LineEditor.Line
}

extension LineEditor: LineSource {}

/// Lines where no cursor can be moved: a dumb terminal, or an answer that goes to a file.
final class PlainLines: LineSource {
    func readLine() throws -> LineEditor.Line {
        var text = ""
        while true {
            StandardError.write(text.isEmpty ? Chat.prompt : Chat.continuation)
            guard let line = Swift.readLine() else { return text.isEmpty ? .end : .text(text) }
            text += line
            if text.hasSuffix("\\") {
                text = text.dropLast() + "\n"
            } else if ChatMarkup.needsMore(text) {
                text += "\n"
            } else {
                return .text(text)
            }
        }
    }
}

/// `"""` around a message of several lines.
enum ChatMarkup {
    private static let quotes = "\"\"\""

    static func needsMore(_ text: String) -> Bool {
        text.hasPrefix(quotes) && (text.count < 2 * quotes.count || !text.hasSuffix(quotes))
    }

    static func message(_ text: String) -> String {
        guard text.hasPrefix(quotes) else { return text }
        let body = text.dropFirst(quotes.count)
        return String(body.hasSuffix(quotes) ? body.dropLast(quotes.count) : body)
            .trimmingCharacters(in: .newlines)
    }
}
