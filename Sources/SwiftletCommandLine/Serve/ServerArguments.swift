import ArgumentParser
import Foundation
import Logging
import SwiftletEngine
import SwiftletGround
import SwiftletHistory
import SwiftletServer
import SwiftletTensors

/// How `serve` listens and what its models may have.
struct ServerArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Address to listen on, a port after a colon (default: SWIFTLET_HOST or 127.0.0.1).", valueName: "address"))
    var host: String?

    @Flag(help: "Let other machines in without API keys.")
    var insecure = false

    @Option(help: ArgumentHelp("Port; 0 takes a free one (default: SWIFTLET_PORT or 11434).", valueName: "n"))
    var port: Int?

    @Option(help: ArgumentHelp("Longest context of a request, in tokens (default: 4096).", valueName: "n"))
    var context: Int?

    @Option(help: ArgumentHelp("Most requests of a model that are worked on at once.", valueName: "n"))
    var parallel = 16

    @Option(help: ArgumentHelp("Most requests of a model that wait.", valueName: "n"))
    var queue = 1024

    @Option(
        help: ArgumentHelp("Memory that all models may have together (default: most that is free).", valueName: "size"))
    var memory: ByteSize?

    @Option(help: ArgumentHelp("Memory of a model for keys and values.", valueName: "size"))
    var cacheMemory: ByteSize?

    @Option(
        help: ArgumentHelp("How long an idle model stays loaded: seconds, 5m, 1h, or -1 for ever.", valueName: "time"))
    var keepAlive = "5m"

    @Option(
        help: ArgumentHelp(
            "Where keys and values of long prompts outlive the server; off for nowhere (default: in the library).",
            valueName: "folder"))
    var prefixCache: String?

    @Option(help: ArgumentHelp("Most bytes of the prefix cache.", valueName: "size"))
    var prefixCacheSize = ByteSize(4_000_000_000)

    @Option(
        help: ArgumentHelp(
            "How long a request may wait for its answer to begin: seconds, 30s, 5m (default: for ever).",
            valueName: "time"))
    var maxWait: String?

    @Option(
        help: ArgumentHelp(
            "Model to load at the start, which stays; /ready waits for it. May be repeated.", valueName: "model"))
    var preload: [String] = []

    @Option(help: ArgumentHelp("How long running requests may go on after SIGTERM or SIGINT.", valueName: "time"))
    var drain = TimeSpan.seconds(30)

    @Option(help: ArgumentHelp("Web pages that may use the server; * for all. May be repeated.", valueName: "origin"))
    var origin: [String] = []

    @Option(help: ArgumentHelp("What is logged to standard error.", valueName: "level"))
    var logLevel = LogLevel.notice

    @OptionGroup var engine: EngineArguments

    func validate() throws {
        if let port, !(0...65535).contains(port) { throw ValidationError("--port must be from 0 to 65535") }
        if let context, !(1...(1 << 24)).contains(context) { throw ValidationError("--context is out of range") }
        if !(1...1024).contains(parallel) { throw ValidationError("--parallel must be from 1 to 1024") }
        if !(0...1_000_000).contains(queue) { throw ValidationError("--queue must be from 0 to 1000000") }
    }

    /// `home` is the library's folder.
    func options(home: URL) throws -> ServerOptions {
        let environment = ProcessInfo.processInfo.environment
        var options = ServerOptions()
        if let text = environment["SWIFTLET_PORT"], !text.isEmpty {
            options.port = try Self.port(text, "SWIFTLET_PORT")
        }
        if let text = host ?? environment["SWIFTLET_HOST"], !text.isEmpty {
            let (name, port) = Self.parts(ofAddress: text)
            options.host = name
            if let port { options.port = try Self.port(port, host == nil ? "SWIFTLET_HOST" : "--host") }
        }
        if let port { options.port = port }
        options.contextLength = context
        options.engine = engine.engineOptions
        options.engine.maxSequences = parallel
        options.engine.maxWaiting = queue
        options.engine.cacheType = engine.kvType
        options.engine.cacheMemory = cacheMemory?.bytes
        if prefixCache != "off" {
            let folder = prefixCache.map { URL(filePath: $0, directoryHint: .isDirectory) }
            options.engine.prefixStore = PrefixStoreOptions(
                folder: folder ?? home.appending(path: "prefixes", directoryHint: .isDirectory),
                byteLimit: prefixCacheSize.bytes)
        }
        options.modelMemory = memory?.bytes
        options.keepAlive = try ServerOptions.duration(keepAlive)
        options.maxWait = try maxWait.flatMap { try ServerOptions.duration($0) }
        options.origins = origin
        options.isInsecure = insecure
        options.preload = preload
        options.shutdownLimit = drain.duration
        options.history = HistoryOptions(url: HistoryOptions.url(inHome: home))
        return options
    }
}

extension ServerArguments {
    /// A host's name or address and what follows it after a colon; an IPv6 address has brackets around it then.
    static func parts(ofAddress text: String) -> (host: String, port: String?) {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let rest = text[text.index(after: end)...]
            return (
                String(text[text.index(after: text.startIndex)..<end]),
                rest.hasPrefix(":") ? String(rest.dropFirst()) : nil
            )
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : (text, nil)
    }

    private static func port(_ text: String, _ place: String) throws(CommandError) -> Int {
        guard let port = Int(text), (0...65535).contains(port) else {
            throw CommandError(.input, "\"\(text)\" is no port", at: place)
        }
        return port
    }
}

/// The values of `--log-level`, the talkative first.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error

    var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}
