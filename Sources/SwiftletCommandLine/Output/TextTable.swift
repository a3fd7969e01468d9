/// Rows of text in columns as wide as their widest cell, two spaces apart.
struct TextTable {
    enum Alignment { case left, right }

    private let alignments: [Alignment]
    private var rows: [[String]] = []

    init(_ alignments: Alignment...) { self.alignments = alignments }

    mutating func add(_ cells: String...) { rows.append(cells) }

    /// The rows, each with a line break at its end and no spaces before it.
    func text(indent: String = "") -> String {
        let widths = alignments.indices.map { column in rows.map { $0[column].displayWidth }.max() ?? 0 }
        var text = ""
        for row in rows {
            var line = ""
            for (column, cell) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.displayWidth)
                line += (column == 0 ? indent : "  ") + (alignments[column] == .left ? cell + space : space + cell)
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
