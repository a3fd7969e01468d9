import Foundation

/// The rates of a server as lines of a width.
struct TopText {
    let address: String
    /// Bytes a second that memory gives; nil if nobody measured.
    let limit: Double?

    /// One line, where there is no screen to fill.
    func line(_ rates: TopRates) -> String {
        let (total, now) = (rates.total, rates.now)
        var parts = [
            Date().formatted(.iso8601.time(includingFractionalSeconds: false)),
            "running \(Self.count(total.now.running))", "waiting \(Self.count(total.now.waiting))",
            "prompt \(Self.number(total.promptRate))/s", "generation \(Self.number(total.generationRate))/s",
            "cache \(Self.percent(total.now.cacheUse))", "hits \(total.hits.map(Self.percent) ?? "-")",
            "first token \(Self.time(total.firstToken))", "models \(Self.bytes(total.now.bytes))",
        ]
        if let resident = now.residentBytes { parts.append("resident \(Self.bytes(resident))") }
        parts.append("weights \(Self.bytes(total.weightsRead))/s")
        if let limit { parts.append("limit \(Self.percent(total.weightsRead / limit))") }
        return parts.joined(separator: "  ")
    }

    /// As many lines as there are rows, none wider than `columns`.
    func lines(_ rates: TopRates, columns: Int, rows: Int = .max) -> [String] {
        let head = header(rates).map { Self.fitted($0, columns) }
        let table = self.table(rates, columns: columns)
        let room = max(0, rows - head.count - 1)
        guard table.count > room else { return head + [""] + table }
        guard room > 1 else { return Array((head + [""]).prefix(rows)) }
        return head + [""] + table.prefix(room - 1) + ["... \(table.count - room + 1) more"]
    }

    /// Each line's parts, the least wanted last.
    private func header(_ rates: TopRates) -> [[String]] {
        let (total, now) = (rates.total, rates.now)
        var title = [address, now.isReady ? "ready" : "not ready"]
        if let start = now.start { title.append("up \(Self.span(-start.timeIntervalSinceNow))") }
        var memory = ["models \(Self.bytes(total.now.bytes)) of \(Self.bytes(now.modelBudget))"]
        if let resident = now.residentBytes {
            memory.append("resident \(Self.bytes(resident))" + (now.ownBytes.map { " (own \(Self.bytes($0)))" } ?? ""))
        }
        memory.append("\(Self.number(rates.processors)) cores busy")
        if now.storedBytes > 0 { memory.append("prefixes on disk \(Self.bytes(now.storedBytes))") }
        return [
            title,
            [
                "requests  \(Self.count(total.now.running)) running", "\(Self.count(total.now.waiting)) waiting",
                "\(Self.number(rates.answerRate)) answers/s", "\(Self.number(rates.failureRate)) failures/s",
                "\(Self.count(now.inFlight)) in flight", "\(Self.count(now.connections)) connections",
            ],
            [
                "tokens/s  \(Self.number(total.generationRate)) generated",
                "\(Self.number(total.promptRate)) of prompts",
                "hits \(total.hits.map(Self.percent) ?? "-")", "first token \(Self.time(total.firstToken))",
            ],
            ["memory    \(memory[0])"] + memory.dropFirst(),
            [
                limit.map {
                    "limit     \(Self.percent(total.weightsRead / $0)) of memory's \(Self.bytes($0))/s"
                } ?? "limit     not measured (--limit)", "weights read \(Self.bytes(total.weightsRead))/s",
            ],
        ]
    }

    /// Columns go from the right until a row fits.
    private func table(_ rates: TopRates, columns: Int) -> [String] {
        guard !rates.models.isEmpty else { return ["no model is loaded"] }
        var cells: [[String]] = [
            ["MODEL"] + rates.models.map { Self.clean($0.now.name) },
            ["RUN"] + rates.models.map { Self.count($0.now.running) },
            ["WAIT"] + rates.models.map { Self.count($0.now.waiting) },
            ["TOKENS/S"] + rates.models.map { Self.number($0.generationRate) },
            ["PROMPT/S"] + rates.models.map { Self.number($0.promptRate) },
            ["CACHE"] + rates.models.map { Self.percent($0.now.cacheUse) },
            ["HITS"] + rates.models.map { $0.hits.map(Self.percent) ?? "-" },
            ["FIRST TOKEN"] + rates.models.map { Self.time($0.firstToken) },
            ["MEMORY"] + rates.models.map { $0.now.bytes > 0 ? Self.bytes($0.now.bytes) : "gone" },
            ["WEIGHTS/S"] + rates.models.map { Self.bytes($0.weightsRead) },
            ["UNTIL"]
                + rates.models.map { model in
                    guard model.now.bytes > 0 else { return "-" }
                    return model.now.expiry.map { Self.span(max(0, $0.timeIntervalSinceNow)) } ?? "stays"
                },
        ]
        func width(_ column: [String]) -> Int { column.map(\.displayWidth).max() ?? 0 }
        while cells.count > 1, cells.reduce(-2, { $0 + width($1) + 2 }) > columns { cells.removeLast() }
        return cells[0].indices.map { row in
            let line = cells.enumerated().map { index, column in
                let space = String(repeating: " ", count: width(column) - column[row].displayWidth)
                return index == 0 ? column[row] + space : space + column[row]
            }
            return Self.cut(line.joined(separator: "  "), columns)
        }
    }

    /// As many of the parts as fit, two spaces apart; of the first one what fits.
    static func fitted(_ parts: [String], _ columns: Int) -> String {
        var line = cut(clean(parts[0]), columns)
        for part in parts.dropFirst() {
            guard line.displayWidth + 2 + part.displayWidth <= columns else { break }
            line += "  " + part
        }
        return line
    }

    private static func cut(_ text: String, _ columns: Int) -> String {
        var (line, width) = ("", 0)
        for character in text {
            width += character.displayWidth
            guard width <= columns else { break }
            line.append(character)
        }
        return line
    }

    /// What a server tells must not move the cursor.
    private static func clean(_ text: String) -> String {
        var cleaned = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            cleaned.append(scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? "\u{FFFD}" : scalar)
        }
        return String(cleaned)
    }
}

extension TopText {
    private static func count(_ value: Double) -> String { String(format: "%.0f", value) }
    private static func number(_ value: Double) -> String { String(format: value < 99.95 ? "%.1f" : "%.0f", value) }
    private static func percent(_ share: Double) -> String { String(format: "%.0f%%", 100 * share) }

    private static func time(_ seconds: Double?) -> String {
        guard let seconds else { return "-" }
        return seconds < 1 ? String(format: "%.0f ms", 1000 * seconds) : String(format: "%.2f s", seconds)
    }

    static func bytes(_ value: Double) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var (value, unit) = (value, 0)
        while value >= 999.5, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        return String(format: unit > 0 && value < 9.95 ? "%.1f " : "%.0f ", value) + units[unit]
    }

    /// `42s`, `5m10s`, `3h12m`, `12d4h`.
    private static func span(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 1e9))
        switch whole {
        case ..<60: return "\(whole)s"
        case ..<3600: return "\(whole / 60)m\(whole % 60)s"
        case ..<86400: return "\(whole / 3600)h\(whole / 60 % 60)m"
        default: return "\(whole / 86400)d\(whole / 3600 % 24)h"
        }
    }
}
