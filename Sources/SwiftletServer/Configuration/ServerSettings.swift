import Foundation
import Logging
import SwiftletEngine
import SwiftletTensors

/// The table of settings: one row each, in the order in which they are read.
package enum ServerSettings {
    package static let all = listening + models + requests + operation

    private static let listening = [
        ServerSetting(
            "host", .text("address"), \.host, .restart, "Address to listen on; a port may follow after a colon."),
        ServerSetting("port", .integer(0...65535), \.port, .restart, "Port; 0 takes a free one."),
        ServerSetting("insecure", .flag, \.isInsecure, .restart, "Let other machines in without API keys."),
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

    private static let operation = [
        ServerSetting(
            "drain", .time, \.shutdownLimit, .now, "How long running requests may go on after SIGTERM or SIGINT."),
        ServerSetting(
            "log-level", .choice("level"), \.logLevel, .restart, "The least that is logged to standard error."),
    ]

    package static func named(_ name: String) -> ServerSetting? { all.first { $0.name == name } }
}

// Values that the table names, and that options keep in another shape.
extension ServerOptions {
    fileprivate var threads: Int? {
        get { engine.isThreadCountGiven ? engine.threads : nil }
        set { engine.setThreads(newValue) }
    }

    fileprivate var prefixFolder: URL? {
        get { engine.prefixStore?.folder }
        set {
            guard let newValue else { return engine.prefixStore = nil }
            if engine.prefixStore == nil { engine.prefixStore = PrefixStoreOptions(folder: newValue) }
            engine.prefixStore?.folder = newValue
        }
    }

    fileprivate var prefixBytes: Int {
        get { engine.prefixStore?.byteLimit ?? Self.usualPrefixBytes }
        set { engine.prefixStore?.byteLimit = newValue }
    }

    static let usualPrefixBytes = 4_000_000_000
}
