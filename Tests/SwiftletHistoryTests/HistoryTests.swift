import Foundation
import Logging
import SwiftletGround
import SwiftletHistory
import Testing

/// What requests took, kept in a file.
@Suite struct HistoryTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    /// The beginning of a minute.
    private static let now = 1_800_000_000.0

    @Test func aReportIsWhatWasKept() async throws {
        let file = TemporaryFile()
        let history = History(HistoryOptions(url: file.url, age: nil), logger: Self.logger)
        // 100 whole answers of 0.01 to 1 s, two seconds apart; one that failed and one whose client went.
        for index in 0..<100 {
            history.add(
                RequestEntry(
                    time: Self.now + 2 * Double(index), duration: Double(index + 1) / 100, endpoint: "/api/chat",
                    model: index < 80 ? "a:1" : "b:1", promptTokens: 10, cachedTokens: 4, generatedTokens: 5, queue: 0,
                    timeToFirstToken: Double(index + 1) / 1000))
        }
        history.add(RequestEntry(time: Self.now, duration: 9, endpoint: "/api/chat", model: "a:1", status: 500))
        history.add(
            RequestEntry(
                time: Self.now + 300, duration: 2, endpoint: "/api/chat", model: "a:1", status: 499, generatedTokens: 7,
                timeToFirstToken: 1))
        await history.write()
        // Later ones than the period, and the earlier one.
        let all = try HistoryReport(
            of: file.url, since: Date(timeIntervalSince1970: Self.now + 59),
            to: Date(timeIntervalSince1970: Self.now + 3600))
        #expect(all.from.timeIntervalSince1970 == Self.now && all.hours == 1)
        #expect(all.models.map(\.model) == ["a:1", "b:1"])
        let total = all.total
        #expect((total.requests, total.failed, total.cancelled) == (102, 1, 1))
        #expect((total.promptTokens, total.cachedTokens, total.generatedTokens) == (1000, 400, 507))
        #expect(abs((total.latency?.average ?? 0) - 0.505) < 1e-9 && total.latency?.p95 == 0.95)
        #expect(abs((total.timeToFirstToken?.average ?? 0) - 0.0505) < 1e-9)
        #expect(total.timeToFirstToken?.p95 == 0.095)
        let perSecond: Double = 507 / 52.5
        #expect(abs((total.tokensPerSecond ?? 0) - perSecond) < 1e-6)
        let rate: Double = 1 / 102
        #expect(abs(total.errorRate - rate) < 1e-12)
        let cost = (1000.0 * 100 + 507 * 1000) / 1e6
        #expect(total.cost(input: 100, output: 1000) == cost)
        #expect(all.models[1].requests == 20 && all.models[1].latency?.p95 == 0.99)

        let one = try HistoryReport(of: file.url, since: Date(timeIntervalSince1970: Self.now), model: "b:1")
        #expect(one.total.requests == 20 && one.models.count == 1)
        let later = try HistoryReport(of: file.url, since: Date(timeIntervalSince1970: Self.now + 240))
        #expect(later.total.requests == 1 && later.total.latency == nil)
    }

    /// Requests that ran at once count their time once.
    @Test func busyTimeIsNotCountedTwice() async throws {
        let file = TemporaryFile()
        let history = History(HistoryOptions(url: file.url, age: nil), logger: Self.logger)
        for (start, duration) in [(0.0, 10.0), (1, 2), (5, 10), (20, 5)] {
            history.add(
                RequestEntry(
                    time: Self.now + start, duration: duration, endpoint: "/x", model: "m", generatedTokens: 50))
        }
        await history.write()
        let report = try HistoryReport(of: file.url, since: Date(timeIntervalSince1970: Self.now))
        #expect(report.total.tokensPerSecond == 10)
    }

    @Test func oldEntriesGo() async throws {
        let file = TemporaryFile()
        let first = History(HistoryOptions(url: file.url, age: nil), logger: Self.logger)
        let now = Date().timeIntervalSince1970
        for age in [0.0, 3600, 90000] {
            first.add(RequestEntry(time: now - age, duration: 1, endpoint: "/x", model: "m"))
        }
        await first.write()
        #expect(try HistoryReport(of: file.url, since: .distantPast).total.requests == 3)
        let second = History(HistoryOptions(url: file.url, age: .seconds(86400)), logger: Self.logger)
        try await second.keeping {
            for _ in 0..<100 where try HistoryReport(of: file.url, since: .distantPast).total.requests == 3 {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        #expect(try HistoryReport(of: file.url, since: .distantPast).total.requests == 2)
    }

    /// Limits look back a day: their tokens stay that long, however short the history, and no longer.
    @Test func tokensOfKeysAreKept() async throws {
        let file = TemporaryFile()
        let options = HistoryOptions(url: file.url, age: .seconds(60))
        let now = Date().timeIntervalSince1970
        let first = History(options, logger: Self.logger)
        for (age, key, tokens) in [
            (100_000.0, "a", 1000), (7200, "a", 30), (7200, "a", 4), (0, "a", 5), (3600, "b", 7), (0, "b", 0),
        ] {
            first.add(
                RequestEntry(
                    time: now - age - 2, duration: 2, endpoint: "/x", model: "m",
                    key: KeyTokens(digest: key, tokens: tokens)))
        }
        first.add(RequestEntry(time: now, duration: 1, endpoint: "/x", model: "m"))
        await first.write()
        try await first.keeping {
            for _ in 0..<100 where try HistoryReport(of: file.url, since: .distantPast).total.requests > 3 {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        let second = History(options, logger: Self.logger)
        let all = await second.keyTokens(since: .distantPast)
        #expect(all.mapValues { $0.map(\.tokens) } == ["a": [34, 5], "b": [7]])
        let times = try #require(all["a"]).map(\.time)
        // Ends of minutes, never before what they count.
        #expect(zip(times, [now - 7200, now]).allSatisfy { $0 >= $1 && $0 <= $1 + 60 })
        let late = await second.keyTokens(since: Date(timeIntervalSince1970: now - 5000))
        #expect(late.mapValues(\.count) == ["a": 1, "b": 1])
    }

    /// What came first goes one by one; sums stay, and the percentile is that of the others.
    @Test func singleRequestsAreBounded() async throws {
        let file = TemporaryFile()
        var options = HistoryOptions(url: file.url, age: nil)
        options.requestLimit = 10
        let history = History(options, logger: Self.logger)
        for index in 1...30 {
            history.add(
                RequestEntry(
                    time: Self.now + Double(index), duration: Double(index) / 10, endpoint: "/x", model: "m",
                    generatedTokens: 1))
        }
        await history.write()
        try await history.keeping { try await Task.sleep(for: .milliseconds(50)) }
        let total = try HistoryReport(of: file.url, since: .distantPast).total
        #expect(total.requests == 30 && total.generatedTokens == 30)
        #expect(abs((total.latency?.average ?? 0) - 1.55) < 1e-9 && total.latency?.p95 == 3)
        let other = try HistoryReport(of: file.url, since: .distantPast, model: "other")
        #expect(other.total.requests == 0 && other.models.isEmpty)
    }

    /// The server's prices are in the file, until it is told others.
    @Test func pricesAreKept() async throws {
        let file = TemporaryFile()
        var options = HistoryOptions(url: file.url)
        (options.inputPrice, options.outputPrice) = (0.15, 0.6)
        await History(options, logger: Self.logger).write()
        var report = try HistoryReport(of: file.url, since: .distantPast)
        #expect(report.inputPrice == 0.15 && report.outputPrice == 0.6)
        options.inputPrice = nil
        await History(options, logger: Self.logger).write()
        report = try HistoryReport(of: file.url, since: .distantPast)
        #expect(report.inputPrice == nil && report.outputPrice == 0.6)
    }

    /// Bytes broken anywhere, a piece cut off, no database at all: a reader says what is wrong or reads, and the server keeps
    /// what comes, in a new file if need be.
    @Test func damagedFilesAreSetAside() async throws {
        var whole = Data()
        do {
            let file = TemporaryFile()
            let history = History(HistoryOptions(url: file.url, age: nil), logger: Self.logger)
            for index in 0..<2000 {
                history.add(RequestEntry(time: Self.now + Double(index), duration: 1, endpoint: "/x", model: "m"))
            }
            try await history.keeping {}
            whole = try Data(contentsOf: file.url)
        }
        #expect(whole.count > 100_000)
        var random = SystemRandomNumberGenerator()
        var setAside = 0
        for round in 0..<60 {
            let file = TemporaryFile()
            var bytes = whole
            switch round {
            case 0: bytes = Data("This is no database, but it is long enough to look like one.".utf8)
            case 1: bytes = Data(bytes.prefix(bytes.count / 2))
            case 2: bytes = Data(bytes.prefix(100))
            case 3: bytes.replaceSubrange(0..<4096, with: Data(count: 4096))
            default:
                let place = Int.random(in: 0..<(bytes.count - 64), using: &random)
                for offset in 0..<64 { bytes[place + offset] = .random(in: 0...255, using: &random) }
            }
            try bytes.write(to: file.url)
            do {
                _ = try HistoryReport(of: file.url, since: .distantPast)
            } catch {
                #expect(error.code == .unreadable, "\(error)")
            }
            let history = History(HistoryOptions(url: file.url, age: nil), logger: Self.logger)
            let later = Self.now + 86400
            history.add(RequestEntry(time: later, duration: 1, endpoint: "/x", model: "m"))
            try await history.keeping {}
            let report = try HistoryReport(of: file.url, since: Date(timeIntervalSince1970: later))
            #expect(report.total.requests == 1, "round \(round)")
            if FileManager.default.fileExists(atPath: file.url.path(percentEncoded: false) + ".damaged") {
                setAside += 1
            } else {
                #expect(round > 3)
            }
        }
        #expect(setAside >= 4)
    }

    /// A file that cannot be there does not stop who adds.
    @Test func whatCannotBeWrittenWaits() async throws {
        let file = TemporaryFile()
        let place = file.url.appending(path: "below/history.sqlite")
        try Data("a file, and no folder".utf8).write(to: file.url)
        let history = History(HistoryOptions(url: place), logger: Self.logger)
        history.add(RequestEntry(time: Self.now, duration: 1, endpoint: "/x", model: "m"))
        await history.write()
        let none = #expect(throws: HistoryError.self) { try HistoryReport(of: place, since: .distantPast) }
        #expect(none?.code == .notFound)
        try FileManager.default.removeItem(at: file.url)
        await history.write()
        #expect(try HistoryReport(of: place, since: .distantPast).total.requests == 1)
    }
}

/// A path in a temporary folder that goes with the value.
private final class TemporaryFile {
    let url: URL
    private let folder = FileManager.default.temporaryDirectory.appending(path: "swiftlet-history-\(UUID().uuidString)")

    init() {
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        url = folder.appending(path: "history.sqlite")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
}

extension History {
    /// Writes while `body` runs, and what it leaves.
    fileprivate func keeping(_ body: () async throws -> Void) async throws {
        let writing = Task { await run() }
        try await body()
        writing.cancel()
        await writing.value
    }
}
