import Foundation
import GRDB

/// The history's SQLite file: a row for each request, and sums for each minute and model.
///
/// In WAL mode, so that readers and the writer do not wait for each other. What a batch has written outlives the process,
/// however it ends; a failing machine may take the last batches, never the file.
final class HistoryFile: Sendable {
    private let database: DatabaseQueue

    /// Opens a file to write, which is made if it is not there; reads it once, to see that it is whole.
    init(_ options: HistoryOptions) throws {
        let path = options.url.path(percentEncoded: false)
        if !FileManager.default.fileExists(atPath: path) {
            try FileManager.default.createDirectory(
                at: options.url.deletingLastPathComponent(), withIntermediateDirectories: true)
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        database = try DatabaseQueue(path: path, configuration: configuration)
        try database.read { database in
            let finding = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
            guard finding == "ok" else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: finding) }
        }
        try Self.migrator.migrate(database)
        try database.write { database in
            try database.execute(sql: "DELETE FROM price")
            for (name, value) in [("input", options.inputPrice), ("output", options.outputPrice)] {
                guard let value else { continue }
                try database.execute(sql: "INSERT INTO price VALUES (?, ?)", arguments: [name, value])
            }
        }
    }

    /// Opens a file only to read; it is made by the one that writes.
    init(reading url: URL) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA mmap_size = 268435456") }
        database = try DatabaseQueue(path: url.path(percentEncoded: false), configuration: configuration)
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE request (
                        time REAL NOT NULL, duration REAL NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL,
                        status INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL,
                        generated_tokens INTEGER NOT NULL, queue REAL, first_token REAL
                    );
                    CREATE INDEX request_time ON request (time);
                    CREATE TABLE minute (
                        minute INTEGER NOT NULL, model TEXT NOT NULL,
                        requests INTEGER NOT NULL, failed INTEGER NOT NULL, cancelled INTEGER NOT NULL,
                        prompt_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL,
                        generated_tokens INTEGER NOT NULL,
                        -- Of whole answers.
                        done INTEGER NOT NULL, done_seconds REAL NOT NULL,
                        first_tokens INTEGER NOT NULL, first_token_seconds REAL NOT NULL,
                        PRIMARY KEY (minute, model)
                    ) WITHOUT ROWID;
                    -- Of a million tokens.
                    CREATE TABLE price (name TEXT PRIMARY KEY, value REAL NOT NULL);
                    """)
        }
        migrator.registerMigration("2") { database in
            try database.execute(
                sql: """
                    -- Tokens of API keys, for limits that outlive the process.
                    CREATE TABLE key_minute (
                        key TEXT NOT NULL, minute INTEGER NOT NULL, tokens INTEGER NOT NULL,
                        PRIMARY KEY (key, minute)
                    ) WITHOUT ROWID;
                    """)
        }
        return migrator
    }

    /// All of `entries`, or none.
    func add(_ entries: [RequestEntry]) throws {
        try database.write { database in
            let request = try database.cachedStatement(
                sql: "INSERT INTO request VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            let minute = try database.cachedStatement(
                sql: """
                    INSERT INTO minute VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (minute, model) DO UPDATE SET
                        requests = requests + 1, failed = failed + excluded.failed,
                        cancelled = cancelled + excluded.cancelled,
                        prompt_tokens = prompt_tokens + excluded.prompt_tokens,
                        cached_tokens = cached_tokens + excluded.cached_tokens,
                        generated_tokens = generated_tokens + excluded.generated_tokens,
                        done = done + excluded.done, done_seconds = done_seconds + excluded.done_seconds,
                        first_tokens = first_tokens + excluded.first_tokens,
                        first_token_seconds = first_token_seconds + excluded.first_token_seconds
                    """)
            let key = try database.cachedStatement(
                sql: """
                    INSERT INTO key_minute VALUES (?, ?, ?)
                    ON CONFLICT (key, minute) DO UPDATE SET tokens = tokens + excluded.tokens
                    """)
            for entry in entries {
                if let used = entry.key, used.tokens > 0 {
                    // They count from when the answer ended: never too short.
                    let minute = ((entry.time + entry.duration) / 60).rounded(.down)
                    try key.execute(arguments: [used.digest, minute, used.tokens])
                }
                try request.execute(arguments: [
                    entry.time, entry.duration, entry.endpoint, entry.model, entry.status, entry.promptTokens,
                    entry.cachedTokens, entry.generatedTokens, entry.queue, entry.timeToFirstToken,
                ])
                let first = entry.isDone ? entry.timeToFirstToken : nil
                try minute.execute(arguments: [
                    (entry.time / 60).rounded(.down), entry.model, entry.isFailed ? 1 : 0, entry.isCancelled ? 1 : 0,
                    entry.promptTokens, entry.cachedTokens, entry.generatedTokens, entry.isDone ? 1 : 0,
                    entry.isDone ? entry.duration : 0, first == nil ? 0 : 1, first ?? 0,
                ])
            }
        }
    }

    /// The tokens of API keys since `time`: the minutes' ends in seconds since 1970, and what was used in them, in order.
    func keyTokens(since time: Double) throws -> [String: [(time: Double, tokens: Int)]] {
        try database.read { database in
            let rows = try Row.fetchCursor(
                database,
                // Whatever a damaged file holds in these columns, and times that are none.
                sql: """
                    SELECT CAST(key AS TEXT) AS key, CAST(minute AS REAL) AS minute, CAST(tokens AS INTEGER) AS tokens
                    FROM key_minute WHERE minute BETWEEN ? AND ? ORDER BY minute
                    """,
                arguments: [(time / 60).rounded(.down), Int64(Int32.max)])
            var all: [String: [(time: Double, tokens: Int)]] = [:]
            while let row = try rows.next() {
                all[row["key"], default: []].append((row["minute"] * 60 + 60, row["tokens"]))
            }
            return all
        }
    }

    /// Forgets what came before `time`, the beginning of a minute, and all but the last `most` single requests; and the tokens
    /// of keys that no limit looks back to.
    func prune(before time: Double?, most: Int, now: Double) throws {
        try database.write { database in
            try database.execute(
                sql: "DELETE FROM key_minute WHERE minute < ?", arguments: [(now - KeyTokens.age) / 60])
            if let time {
                try database.execute(sql: "DELETE FROM request WHERE time < ?", arguments: [time])
                try database.execute(sql: "DELETE FROM minute WHERE minute < ?", arguments: [time / 60])
            }
            try database.execute(
                sql: "DELETE FROM request WHERE rowid <= (SELECT max(rowid) FROM request) - ?", arguments: [most])
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws -> Value { try database.read(body) }
}

extension HistoryFile {
    /// Whether an error says that the file is no whole database.
    static func isDamage(_ error: any Error) -> Bool {
        guard let code = (error as? DatabaseError)?.resultCode else { return false }
        return code == .SQLITE_CORRUPT || code == .SQLITE_NOTADB
    }

    /// Moves a damaged file and its log out of the way, over those of the last time; returns where it is.
    static func setAside(_ url: URL) throws -> URL {
        let path = url.path(percentEncoded: false)
        for suffix in ["-wal", "-shm", ""] {
            let (source, target) = (path + suffix, path + ".damaged" + suffix)
            if FileManager.default.fileExists(atPath: target) { try FileManager.default.removeItem(atPath: target) }
            if FileManager.default.fileExists(atPath: source) {
                try FileManager.default.moveItem(atPath: source, toPath: target)
            }
        }
        return URL(filePath: path + ".damaged")
    }
}
