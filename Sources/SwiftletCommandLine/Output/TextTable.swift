/// Rows of text in columns as wide as their widest cell, two spaces apart.
struct TextTable {
    enum Alignment { case left, right }

    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// Columns without an alignment of their own are left-aligned.
    init(_ alignments: Alignment...) { self.alignments = alignments }

    mutating func add(_ cells: String...) { rows.append(cells) }

    /// The rows, each with a line break at its end and no spaces before it.
    func text(indent: String = "") -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.displayWidth)
            }
        }
        var text = ""
        for row in rows {
            var line = ""
            for (column, cell) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.displayWidth)
                let isRight = column < alignments.count && alignments[column] == .right
                line += (column == 0 ? indent : "  ") + (isRight ? space + cell : cell + space)
            }
            text += line.trimmingEnd() + "\n"
        }
        return text
    }
}

extension String {
    fileprivate func trimmingEnd() -> Substring {
        self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)]
    }
}
