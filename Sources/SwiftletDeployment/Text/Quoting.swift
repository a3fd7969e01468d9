import SwiftletGround

/// Texts in the notations of the files. Each is a whole string with its quotes.
enum Quoting {
    /// A string of YAML and of JSON: double quotes, and JSON's escapes, which YAML takes as well.
    static func quoted(_ text: String) -> String { JSONValue.string(text).text() }

    /// A list on one line, for the exec forms of a Dockerfile.
    static func list(_ texts: [String]) -> String {
        "[" + texts.map(quoted).joined(separator: ", ") + "]"
    }

    /// The same where `$` stands for a variable, and `$$` for itself: Compose, and arguments of Kubernetes.
    static func withoutVariables(_ texts: [String]) -> [String] { texts.map { $0.replacing("$", with: "$$") } }

    /// Items of a block sequence of YAML, one a line; an option and its value stay together as two items.
    static func items(_ texts: [String], indent: Int) -> String {
        texts.map { String(repeating: " ", count: indent) + "- " + quoted($0) }.joined(separator: "\n")
    }

    /// A word of a unit's command line: systemd.service(5), "Command lines", with specifiers and variables switched off.
    static func unitWord(_ text: String) -> String {
        let escaped = text.replacing("%", with: "%%").replacing("$", with: "$$")
        guard text.isEmpty || !text.utf8.allSatisfy({ isPlain($0) }) else { return escaped }
        return "\"" + escaped.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Words on lines of at most 100 characters, each but the last with the mark that it goes on; an option keeps its value beside it.
    static func unitCommand(_ words: [String]) -> String {
        var lines: [String] = []
        var line = ""
        var rest = words.map(unitWord)[...]
        while let word = rest.popFirst() {
            var piece = word
            if word.hasPrefix("--"), let next = rest.first, !next.hasPrefix("--") {
                piece += " " + next
                rest.removeFirst()
            }
            if !line.isEmpty, line.count + piece.count > 100 {
                lines.append(line)
                line = "    " + piece
            } else {
                line += (line.isEmpty ? "" : " ") + piece
            }
        }
        return (lines + [line]).joined(separator: " \\\n")
    }

    /// Lines as comments; what is in them ends no comment.
    static func comment(_ lines: [String], mark: String = "#") -> String {
        lines.map { line in
            let text = String(line.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : Character($0) })
            return text.isEmpty ? mark : "\(mark) \(text)"
        }.joined(separator: "\n")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "$%_-+=:,./@#".utf8.contains(byte)
        }
    }
}

extension Quoting {
    /// A word for a shell, in quotes only where it needs them.
    static func shellWord(_ text: String) -> String {
        let plain = text.utf8.allSatisfy { isPlain($0) && $0 != UInt8(ascii: "$") && $0 != UInt8(ascii: "#") }
        return plain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
