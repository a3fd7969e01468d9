import Foundation
import Logging
import SwiftletEngine
import SwiftletGround
import SwiftletHistory
import SwiftletTensors

/// The table of settings: one row each, in the order in which they are read.
package enum ServerSettings {
    package static let all = listening + security + models + requests + limits + audit + watching + operation

    private static let listening = [
        ServerSetting(
            "host", .text("address"), \.host, .restart, "Address to listen on; a port may follow after a colon."),
        ServerSetting("port", .integer(0...65535), \.port, .restart, "Port; 0 takes a free one."),
        ServerSetting("insecure", .flag, \.isInsecure, .restart, "Let other machines in without API keys."),
        ServerSetting(
            "keys", .path("file", .notDirectory, or: "library"), \.keyFile, .restart,
            "The file of API keys; library for keys.json in the library's folder."),
        ServerSetting(
            "origin", .list("origin"), \.origins, .now,
            "Web pages that may use the server beside those of this machine; * for all."),
    ]

    private static let models = [
        ServerSetting(
            "context", .integer(1...1 << 24, or: "auto"), \.contextLength, .nextLoad,
            "Longest context of a request in tokens; auto for 4096 or what the model was trained for, the shorter one."),
        ServerSetting(
            "parallel", .integer(1...1024), \.engine.maxSequences, .nextLoad,
            "Most requests of a model that are worked on at once."),
        ServerSetting(
            "queue", .integer(0...1_000_000), \.engine.maxWaiting, .nextLoad, "Most requests of a model that wait."),
        ServerSetting(
            "memory", .size(or: "auto"), \.modelMemory, .restart,
            "Memory that all models may have together; auto for most that is free."),
        ServerSetting(
            "cache-memory", .size(or: "auto"), \.engine.cacheMemory, .nextLoad,
            "Memory of a model for keys and values; auto for a few contexts."),
        ServerSetting(
            "keep-alive", .timeOrForever, \.keepAlive, .nextLoad,
            "How long an idle model stays loaded: seconds, 5m, 1h, or forever."),
        ServerSetting(
            "preload", .list("model"), \.preload, .restart,
            "Model to load at the start, which stays; /ready waits for it."),
        ServerSetting(
            "threads", .integer(1...1024, or: "auto"), \.threads, .nextLoad, "Worker threads; auto for one a core."),
        ServerSetting(
            "batch-size", .integer(1...65536), \.engine.batchSize, .nextLoad, "Most prompt tokens of one step."),
        ServerSetting(
            "kv-type", .choice("type"), \.engine.cacheType, .nextLoad, "How keys and values are kept: f16, f32, q8_0."),
        ServerSetting(
            "arithmetic", .choice("kind"), \.engine.arithmetic, .nextLoad,
            "fast, or exact: dequantize weights to F32 and round nothing else, for comparisons; slow."),
        ServerSetting(
            "prefix-cache", .path("folder", .isDirectory, or: "off"), \.prefixFolder, .nextLoad,
            "Where keys and values of long prompts outlive the server; off for nowhere.", usual: "in the library"),
        // After the folder, whose store it is a property of.
        ServerSetting("prefix-cache-size", .size, \.prefixBytes, .nextLoad, "Most bytes of the prefix cache."),
    ]

    private static let requests = [
        ServerSetting(
            "max-wait", .timeOrForever, \.maxWait, .now,
            "How long a request may wait for its answer to begin: seconds, 30s, 5m, or forever."),
        ServerSetting("body-limit", .size, \.bodyLimit, .now, "Largest body of a request but an upload's."),
    ]

    private static let audit = [
        ServerSetting(
            "audit", .path("folder", .isDirectory, or: "off"), \.auditFolder, .restart,
            "Where the audit log is written: who asked what of which model; off for nowhere."),
        // After the folder, whose log they are properties of.
        ServerSetting(
            "audit-keep", .timeOrForever, \.auditKeep, .restart, "How long files of the audit log are kept."),
        ServerSetting(
            "audit-prompts", .time(or: "off"), \.auditPrompts, .restart,
            "How long the texts of requests are kept beside the audit log; off for not at all."),
    ]

    private static let watching = [
        ServerSetting(
            "history", .path("file", .notDirectory, or: "off"), \.historyFile, .restart,
            "Where the numbers are kept that `swiftlet stats` reads, an SQLite file; off for nowhere.",
            usual: "in the library"),
        // After the file, whose history they are properties of.
        ServerSetting("history-keep", .timeOrForever, \.historyKeep, .restart, "How long they are kept.", usual: "30d"),
        ServerSetting(
            "input-price", .price, \.inputPrice, .restart,
            "What a million tokens of prompts would cost elsewhere, for `swiftlet stats`."),
        ServerSetting(
            "output-price", .price, \.outputPrice, .restart, "What a million generated tokens would cost elsewhere."),
        ServerSetting(
            "tracing", .tracing, \.tracing, .restart,
            "Where the spans of requests go: off, log, or otlp=http://HOST:4318, a collector of OpenTelemetry."),
    ]

    private static let operation = [
        ServerSetting(
            "drain", .time, \.shutdownLimit, .now, "How long running requests may go on after SIGTERM or SIGINT."),
        ServerSetting(
            "log-level", .choice("level"), \.logLevel, .restart, "The least that is logged to standard error."),
    ]

    package static func named(_ name: String) -> ServerSetting? { all.first { $0.name == name } }
}

extension SettingForm where Value == Double? {
    fileprivate static let price = Self(
        "price",
        read: { (text) throws(ServerError) in
            if text == "none" { return nil }
            guard let price = Double(text), (0...1e9).contains(price) else {
                throw ServerError(.configuration, "must be a number from 0 to 1e9, or none")
            }
            return price
        }, write: { $0.map { "\($0)" } ?? "none" })
}

extension SettingForm where Value == TracingBackend {
    fileprivate static let tracing = Self(
        "where",
        read: { (text) throws(ServerError) in
            do throws(ServerError) {
                return try TracingBackend(text)
            } catch {
                // The place is the setting.
                throw ServerError(.configuration, error.problem)
            }
        }, write: \.text)
}

// Values that the table names, and that options keep in another shape.
extension ServerOptions {
    fileprivate var threads: Int? {
        get { engine.isThreadCountGiven ? engine.threads : nil }
        set { engine.setThreads(newValue) }
    }

    fileprivate var historyFile: URL? {
        get { history?.url }
        set { history.set(\.url, to: newValue) { HistoryOptions(url: $0) } }
    }

    fileprivate var historyKeep: Duration? {
        get { history?.age }
        set { history?.age = newValue }
    }

    fileprivate var inputPrice: Double? {
        get { history?.inputPrice }
        set { history?.inputPrice = newValue }
    }

    fileprivate var outputPrice: Double? {
        get { history?.outputPrice }
        set { history?.outputPrice = newValue }
    }

    fileprivate var auditFolder: URL? {
        get { audit?.folder }
        set { audit.set(\.folder, to: newValue) { AuditOptions(folder: $0) } }
    }

    fileprivate var auditKeep: Duration? {
        get { audit?.keep }
        set { audit?.keep = newValue }
    }

    fileprivate var auditPrompts: Duration? {
        get { audit?.prompts }
        set { audit?.prompts = newValue }
    }

    fileprivate var prefixFolder: URL? {
        get { engine.prefixStore?.folder }
        set { engine.prefixStore.set(\.folder, to: newValue) { PrefixStoreOptions(folder: $0) } }
    }

    fileprivate var prefixBytes: Int {
        get { engine.prefixStore?.byteLimit ?? Self.usualPrefixBytes }
        set { engine.prefixStore?.byteLimit = newValue }
    }

    static let usualPrefixBytes = 4_000_000_000
}

extension Optional {
    /// Options with one that they cannot be without: nil takes them away, a value makes them where there were none.
    fileprivate mutating func set<Part>(
        _ part: WritableKeyPath<Wrapped, Part>, to value: Part?, make: (Part) -> Wrapped
    ) {
        guard let value else { return self = nil }
        if self == nil { self = make(value) }
        self?[keyPath: part] = value
    }
}
