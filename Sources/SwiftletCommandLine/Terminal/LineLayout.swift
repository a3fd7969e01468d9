/// Where a prompt and the text being edited lie on a terminal of a given size: rows of text, and the cursor among them.
struct LineLayout: Equatable {
    private(set) var rows = [""]
    private(set) var cursorRow = 0
    private(set) var cursorColumn = 0
    private let width: Int
    private var column = 0

    /// `height` bounds the rows: of a longer text those around the cursor show.
    init(_ buffer: LineBuffer, prompt: String, continuation: String, width: Int, height: Int) {
        self.width = max(width, 8)
        add(prompt)
        add(buffer.before, continuation: continuation)
        (cursorRow, cursorColumn) = (rows.count - 1, column)
        add(buffer.after, continuation: continuation)
        // A cursor past the last column belongs to the next row.
        if cursorColumn == self.width {
            (cursorRow, cursorColumn) = (cursorRow + 1, 0)
            if cursorRow == rows.count { rows.append("") }
        }
        let height = max(height, 1)
        if rows.count > height {
            let first = min(max(0, cursorRow - height / 2), rows.count - height)
            rows = Array(rows[first..<first + height])
            cursorRow -= first
        }
    }

    private mutating func add(_ text: String, continuation: String = "") {
        for character in text {
            switch character {
            case "\n", "\r\n":
                newRow()
                add(continuation)
            case "\t": put("    ", 4)
            default:
                let controls = character.unicodeScalars.first.map { $0.value < 0x20 || $0.value == 0x7F } ?? false
                controls ? put("\u{FFFD}", 1) : put(String(character), character.displayWidth)
            }
        }
    }

    private mutating func put(_ text: String, _ columns: Int) {
        if column + columns > width { newRow() }
        rows[rows.count - 1] += text
        column += columns
    }

    private mutating func newRow() {
        rows.append("")
        column = 0
    }
}
