package import Foundation
import GRDB
import SwiftletGround

/// What requests took over a time, of each model and of all.
package struct HistoryReport: Sendable {
    /// Seconds.
    package struct Times: Sendable, Hashable {
        package var average: Double
        /// 95 of 100 took at most that, of the requests that are still kept one by one.
        package var p95: Double
    }

    package struct Row: Sendable {
        /// Nil for all models; empty for requests that named none that is there.
        package var model: String?
        package var requests = 0
        package var failed = 0
        package var cancelled = 0
        package var promptTokens = 0
        package var cachedTokens = 0
        package var generatedTokens = 0
        /// Of whole answers.
        package var latency: Times?
        package var timeToFirstToken: Times?
        /// Generated tokens a second while any request that generates ran; nil without such.
        package var tokensPerSecond: Double?

        package var errorRate: Double { requests > 0 ? Double(failed) / Double(requests) : 0 }

        /// What the tokens would have cost elsewhere, with prices of a million.
        package func cost(input: Double, output: Double) -> Double {
            (Double(promptTokens) * input + Double(generatedTokens) * output) / 1e6
        }
    }

    /// The beginning of a minute.
    package let from: Date
    package let to: Date
    /// In order of their names.
    package let models: [Row]
    package let total: Row
    /// Of a million tokens, as the server was told.
    package let inputPrice: Double?
    package let outputPrice: Double?

    package var hours: Double { max(to.timeIntervalSince(from), 1) / 3600 }

    /// What a file tells of the time since `since`, of one model if it is named. Throws if there is no file, or it cannot be
    /// read.
    package init(of url: URL, since: Date, to now: Date = Date(), model: String? = nil) throws(HistoryError) {
        let path = url.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else {
            throw HistoryError(
                .notFound, "there is no history yet", at: path, advice: "swiftlet serve keeps one, unless it is off")
        }
        let minute = (max(since.timeIntervalSince1970, 0) / 60).rounded(.down)
        (from, to) = (Date(timeIntervalSince1970: minute * 60), now)
        do {
            (models, total, inputPrice, outputPrice) = try HistoryFile(reading: url).read { database in
                // The server has just made the file.
                guard try database.tableExists("price") else { return ([], Row(), nil, nil) }
                let query = HistoryQuery(database: database, minute: minute, model: model)
                let tallies = try query.tallies()
                let rows = try query.models().map { try query.row($0, tallies[$0]) }
                let total = try query.row(nil, tallies[nil])
                return (rows, total, try query.price("input"), try query.price("output"))
            }
        } catch {
            throw HistoryError(
                .unreadable, "cannot be read: \(error)", at: path,
                advice: HistoryFile.isDamage(error)
                    ? "It is damaged: move it away, and the server begins a new one when it starts" : nil)
        }
    }
}

/// Questions to a history's file about the time since a minute, of one model if it is named.
private struct HistoryQuery {
    let database: Database
    let minute: Double
    let model: String?

    func models() throws -> [String] {
        try String.fetchAll(
            database,
            sql: "SELECT DISTINCT model FROM minute WHERE minute >= ? AND (? IS NULL OR model = ?) ORDER BY model",
            arguments: [minute, model, model])
    }

    func price(_ name: String) throws -> Double? {
        try Double.fetchOne(database, sql: "SELECT value FROM price WHERE name = ?", arguments: [name])
    }

    /// Of one model, or of all.
    func row(_ name: String?, _ tally: HistoryTally?) throws -> HistoryReport.Row {
        var row = HistoryReport.Row(model: name ?? model)
        let filter = name ?? model
        let sums = try GRDB.Row.fetchOne(
            database,
            sql: """
                SELECT sum(requests), sum(failed), sum(cancelled), sum(prompt_tokens), sum(cached_tokens),
                    sum(generated_tokens), sum(done), sum(done_seconds), sum(first_tokens), sum(first_token_seconds)
                FROM minute WHERE minute >= ? AND (? IS NULL OR model = ?)
                """, arguments: [minute, filter, filter])
        guard let sums else { return row }
        func count(_ index: Int) -> Int { sums[index] ?? 0 }
        func times(_ index: Int, _ values: [Double]?) -> HistoryReport.Times? {
            let (count, seconds): (Int, Double) = (sums[index] ?? 0, sums[index + 1] ?? 0)
            guard count > 0, let p95 = values.flatMap(HistoryTally.p95) else { return nil }
            return HistoryReport.Times(average: seconds / Double(count), p95: p95)
        }
        (row.requests, row.failed, row.cancelled) = (count(0), count(1), count(2))
        (row.promptTokens, row.cachedTokens, row.generatedTokens) = (count(3), count(4), count(5))
        row.latency = times(6, tally?.latencies)
        row.timeToFirstToken = times(8, tally?.firstTokens)
        row.tokensPerSecond = tally?.tokensPerSecond
        return row
    }

    /// What single requests tell, of each model and, under nil, of all: read once.
    func tallies() throws -> [String?: HistoryTally] {
        let requests = try GRDB.Row.fetchCursor(
            database,
            sql: """
                SELECT model, time, duration, first_token, generated_tokens, status FROM request
                WHERE time >= ? AND (? IS NULL OR model = ?) ORDER BY time
                """,
            arguments: [minute * 60, model, model])
        var tallies: [String?: HistoryTally] = [:]
        while let request = try requests.next() {
            let entry = RequestEntry(
                time: request[1], duration: request[2], endpoint: "", model: request[0], status: request[5],
                generatedTokens: request[4], timeToFirstToken: request[3])
            tallies[entry.model, default: HistoryTally()].add(entry)
            tallies[nil, default: HistoryTally()].add(entry)
        }
        return tallies
    }
}

/// What sums cannot tell: ranks of times, and for how long any request ran.
private struct HistoryTally {
    private(set) var latencies: [Double] = []
    private(set) var firstTokens: [Double] = []
    private var (tokens, busy, end) = (0, 0.0, -Double.infinity)

    /// In the order of their times.
    mutating func add(_ entry: RequestEntry) {
        if entry.isDone {
            latencies.append(entry.duration)
            if let first = entry.timeToFirstToken { firstTokens.append(first) }
        }
        guard entry.generatedTokens > 0 else { return }
        let last = entry.time + entry.duration
        busy += max(0, last - max(entry.time, end))
        end = max(end, last)
        tokens += entry.generatedTokens
    }

    var tokensPerSecond: Double? { busy > 0 ? Double(tokens) / busy : nil }

    /// By the nearest rank.
    static func p95(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.sorted()[(values.count * 95 + 99) / 100 - 1]
    }
}
