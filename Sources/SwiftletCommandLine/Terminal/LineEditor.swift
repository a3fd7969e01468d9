import Foundation

/// Reads lines from a person at a terminal: cursor keys, kill and yank, history, several lines, completion of a word.
///
/// Small on purpose; the keys are those of Emacs, Readline and linenoise.
final class LineEditor {
    enum Line: Equatable {
        case text(String)
        /// Ctrl-C: what was typed is thrown away.
        case interrupted(wasEmpty: Bool)
        /// Ctrl-D on an empty line, or the terminal went away.
        case end
    }

    private let prompt: String
    private let continuation: String
    /// Whether a text is only the beginning of a longer one, so that Enter begins a new line.
    private let needsMore: (String) -> Bool
    /// What a text that was typed so far can become.
    private let completions: (String) -> [String]
    private var history: LineHistory
    private var decoder = KeyDecoder()
    private var buffer = LineBuffer()
    private var killed = ""
    /// Which row of the drawn text the cursor is in.
    private var drawnCursorRow = 0

    init(
        prompt: String, continuation: String, history: LineHistory, needsMore: @escaping (String) -> Bool,
        completions: @escaping (String) -> [String]
    ) {
        (self.prompt, self.continuation, self.history) = (prompt, continuation, history)
        (self.needsMore, self.completions) = (needsMore, completions)
    }

    /// Shows the prompt and returns what was typed; the terminal is in its answering mode before and after.
    func readLine() throws -> Line {
        TerminalMode.editing.activate()
        // The terminal marks what is pasted, so that its line breaks do not send it.
        try StandardOutput.write("\u{1B}[?2004h")
        defer {
            try? StandardOutput.write("\u{1B}[?2004l")
            TerminalMode.answering.activate()
        }
        buffer = LineBuffer()
        history.leave()
        drawnCursorRow = 0
        try draw()
        while true {
            guard let key = nextKey() else {
                try StandardOutput.write("\r\n")
                return .end
            }
            if let line = try handle(key) { return line }
            try draw()
        }
    }

    /// Nil at the end of input.
    private func nextKey() -> Key? {
        while true {
            var byte: UInt8 = 0
            let count = read(STDIN_FILENO, &byte, 1)
            if count == 1 {
                if let key = decoder.take(byte) { return key }
            } else if count == 0 || errno != EINTR {
                return nil
            }
        }
    }

    private func handle(_ key: Key) throws -> Line? {
        switch key {
        case .enter: return try enter()
        case .interrupt:
            try finish()
            return .interrupted(wasEmpty: buffer.isEmpty)
        case .endOfFile:
            guard buffer.isEmpty else {
                buffer.deleteForward()
                return nil
            }
            try finish()
            return .end
        case .suspend: try suspend()
        case .clearScreen:
            try StandardOutput.write("\u{1B}[H\u{1B}[2J")
            drawnCursorRow = 0
        case .up: if !buffer.moveUp(), let older = history.older(than: buffer.text) { buffer = LineBuffer(older) }
        case .down: if !buffer.moveDown(), let newer = history.newer() { buffer = LineBuffer(newer) }
        case .tab: complete()
        default: edit(key)
        }
        return nil
    }

    private func edit(_ key: Key) {
        switch key {
        case .text(let text), .paste(let text): buffer.insert(text)
        case .newLine: buffer.insert("\n")
        case .backspace: buffer.deleteBackward()
        case .delete: buffer.deleteForward()
        case .left: buffer.moveLeft()
        case .right: buffer.moveRight()
        case .wordLeft: buffer.moveWordLeft()
        case .wordRight: buffer.moveWordRight()
        case .home: buffer.moveHome()
        case .end: buffer.moveEnd()
        case .killToEnd: killed = buffer.killToEnd()
        case .killToStart: killed = buffer.killToStart()
        case .killWordBack: killed = buffer.killWordBack()
        case .killWordForward: killed = buffer.killWordForward()
        case .yank: buffer.insert(killed)
        case .transpose: buffer.transpose()
        case .enter, .tab, .up, .down, .clearScreen, .interrupt, .endOfFile, .suspend: break
        }
    }

    private func enter() throws -> Line? {
        if buffer.text.hasSuffix("\\"), buffer.after.isEmpty {
            buffer.deleteBackward()
            buffer.insert("\n")
            return nil
        }
        if needsMore(buffer.text) {
            buffer.insert("\n")
            return nil
        }
        try finish()
        let text = buffer.text
        history.add(text)
        return .text(text)
    }

    private func complete() {
        let found = buffer.after.isEmpty ? completions(buffer.text) : []
        guard var common = found.first else { return }
        for other in found.dropFirst() { common = common.commonPrefix(with: other) }
        if common.count > buffer.text.count { buffer = LineBuffer(common) }
    }

    private func suspend() throws {
        try finish()
        TerminalMode.original.activate()
        raise(SIGSTOP)
        TerminalMode.editing.activate()
        drawnCursorRow = 0
    }

    /// Leaves the cursor on a new row below the text.
    private func finish() throws {
        let cursor = buffer
        buffer = LineBuffer(buffer.text)
        try draw()
        try StandardOutput.write("\r\n")
        drawnCursorRow = 0
        buffer = cursor
    }

    private func draw() throws {
        let size = TerminalMode.size
        let layout = LineLayout(
            buffer, prompt: prompt, continuation: continuation, width: size.columns, height: size.rows)
        var output = drawnCursorRow > 0 ? "\r\u{1B}[\(drawnCursorRow)A\u{1B}[J" : "\r\u{1B}[J"
        output += layout.rows.joined(separator: "\r\n")
        let up = layout.rows.count - 1 - layout.cursorRow
        output += (up > 0 ? "\u{1B}[\(up)A" : "") + "\r"
        if layout.cursorColumn > 0 { output += "\u{1B}[\(layout.cursorColumn)C" }
        drawnCursorRow = layout.cursorRow
        try StandardOutput.write(output)
    }
}
