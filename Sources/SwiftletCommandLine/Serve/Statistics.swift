import Foundation
import SwiftletGround
import SwiftletHistory

/// A report on a server's requests, as text and as JSON.
struct Statistics {
    private let report: HistoryReport
    private let period: String
    private let input: Double?
    private let output: Double?

    /// Prices are those of a million tokens, before those that the server was told; without any there is no cost.
    init(_ report: HistoryReport, _ period: String, input: Double? = nil, output: Double? = nil) {
        (self.report, self.period) = (report, period)
        (self.input, self.output) = (input ?? report.inputPrice, output ?? report.outputPrice)
    }

    var text: String {
        let total = report.total
        guard total.requests > 0 else { return "\(period): no requests\n" }
        let tokens = total.promptTokens + total.generatedTokens
        var text = "\(period): \(total.requests) requests (\(Self.number(perHour(total.requests))) an hour), "
        text += "\(total.failed) failed (\(Self.number(100 * total.errorRate))%), \(total.cancelled) cancelled, "
        text += "\(tokens) tokens (\(Self.number(perHour(tokens))) an hour)\n"
        var table = TextTable(.left, .right, .right, .right, .right, .right, .right, .right, .right, .right, .right)
        table.add(
            "MODEL", "REQUESTS", "FAILED", "LATENCY", "P95", "FIRST TOKEN", "P95", "TOKENS IN", "CACHED", "OUT",
            "TOKENS/S")
        for row in report.models + (report.models.count > 1 ? [total] : []) {
            let cached = row.promptTokens > 0 ? 100 * Double(row.cachedTokens) / Double(row.promptTokens) : 0
            table.add(
                row.model.map { $0.isEmpty ? "(none)" : $0 } ?? "all", String(row.requests), String(row.failed),
                Self.time(row.latency?.average), Self.time(row.latency?.p95), Self.time(row.timeToFirstToken?.average),
                Self.time(row.timeToFirstToken?.p95), String(row.promptTokens), Self.number(cached) + "%",
                String(row.generatedTokens), row.tokensPerSecond.map { Self.number($0) } ?? "-")
        }
        text += table.text()
        if let cost = cost(total) {
            text += String(format: "cost: %.4f an hour, %.4f in all\n", cost / report.hours, cost)
        }
        return text
    }

    /// Times in seconds.
    var json: JSONValue {
        var object = JSONObject([
            ("from", .string(report.from.ISO8601Format())), ("to", .string(report.to.ISO8601Format())),
            ("hours", .number(report.hours)),
        ])
        for member in self.object(report.total) { object[member.key] = member.value }
        object["models"] = .array(
            report.models.map { row in
                var model = JSONObject([("model", .string(row.model ?? ""))])
                for member in self.object(row) { model[member.key] = member.value }
                return .object(model)
            })
        return .object(object)
    }

    private func object(_ row: HistoryReport.Row) -> JSONObject {
        func times(_ times: HistoryReport.Times?) -> JSONValue {
            times.map { ["average": .number($0.average), "p95": .number($0.p95)] } ?? .null
        }
        var object = JSONObject([
            ("requests", .integer(Int64(row.requests))), ("failed", .integer(Int64(row.failed))),
            ("cancelled", .integer(Int64(row.cancelled))), ("error_rate", .number(row.errorRate)),
            ("latency", times(row.latency)), ("time_to_first_token", times(row.timeToFirstToken)),
            ("prompt_tokens", .integer(Int64(row.promptTokens))),
            ("cached_tokens", .integer(Int64(row.cachedTokens))),
            ("generated_tokens", .integer(Int64(row.generatedTokens))),
            ("tokens_per_second", row.tokensPerSecond.map { .number($0) } ?? .null),
            ("requests_per_hour", .number(perHour(row.requests))),
            ("tokens_per_hour", .number(perHour(row.promptTokens + row.generatedTokens))),
        ])
        if let cost = cost(row) {
            object["cost"] = .number(cost)
            object["cost_per_hour"] = .number(cost / report.hours)
        }
        return object
    }

    private func cost(_ row: HistoryReport.Row) -> Double? {
        input == nil && output == nil ? nil : row.cost(input: input ?? 0, output: output ?? 0)
    }

    private func perHour(_ count: Int) -> Double { Double(count) / report.hours }

    private static func time(_ seconds: Double?) -> String {
        guard let seconds else { return "-" }
        return seconds < 1 ? String(format: "%.0f ms", 1000 * seconds) : String(format: "%.2f s", seconds)
    }

    private static func number(_ value: Double) -> String { String(format: value < 100 ? "%.1f" : "%.0f", value) }
}
