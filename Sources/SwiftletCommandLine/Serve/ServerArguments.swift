import ArgumentParser
import Foundation
import SwiftletGround
import SwiftletServer

/// The settings of a server on the command line: one for each row of `ServerSettings`, which has their help and meaning.
struct ServerArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "File with settings (default: SWIFTLET_CONFIG, or config.yaml in the library's folder if there is one).",
            valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @Option(help: .setting("host")) var host: String?
    @Option(help: .setting("port")) var port: String?
    @Flag(inversion: .prefixedNo, help: .setting("insecure")) var insecure: Bool?
    @Option(help: .setting("keys")) var keys: String?
    @Option(help: .setting("tls-certificate")) var tlsCertificate: String?
    @Option(help: .setting("tls-key")) var tlsKey: String?
    @Option(help: .setting("tls-client-authority")) var tlsClientAuthority: String?
    @Option(help: .setting("origin")) var origin: [String] = []
    @Option(help: .setting("context")) var context: String?
    @Option(help: .setting("parallel")) var parallel: String?
    @Option(help: .setting("queue")) var queue: String?
    @Option(help: .setting("memory")) var memory: String?
    @Option(help: .setting("cache-memory")) var cacheMemory: String?
    @Option(parsing: .unconditional, help: .setting("keep-alive")) var keepAlive: String?
    @Option(help: .setting("preload")) var preload: [String] = []
    @Option(name: [.short, .long], help: .setting("threads")) var threads: String?
    @Option(name: [.customLong("batch-size"), .customShort("b")], help: .setting("batch-size")) var batchSize: String?
    @Option(help: .setting("kv-type")) var kvType: String?
    @Option(help: .setting("arithmetic")) var arithmetic: String?
    @Option(help: .setting("prefix-cache")) var prefixCache: String?
    @Option(help: .setting("prefix-cache-size")) var prefixCacheSize: String?
    @Option(parsing: .unconditional, help: .setting("max-wait")) var maxWait: String?
    @Option(help: .setting("body-limit")) var bodyLimit: String?
    @Option(help: .setting("audit")) var audit: String?
    @Option(help: .setting("audit-keep")) var auditKeep: String?
    @Option(help: .setting("audit-prompts")) var auditPrompts: String?
    @Option(help: .setting("history")) var history: String?
    @Option(help: .setting("history-keep")) var historyKeep: String?
    @Option(help: .setting("input-price")) var inputPrice: String?
    @Option(help: .setting("output-price")) var outputPrice: String?
    @Option(help: .setting("tracing")) var tracing: String?
    @Option(help: .setting("drain")) var drain: String?
    @Option(help: .setting("log-level")) var logLevel: String?
    @OptionGroup(title: "Limits of clients") var limits: LimitArguments

    /// What was given, by the settings' names.
    private var given: [String: [String]] {
        let values: [String: String?] = [
            "host": host, "port": port, "keys": keys, "insecure": insecure.map { "\($0)" }, "context": context,
            "parallel": parallel,
            "queue": queue, "memory": memory, "cache-memory": cacheMemory, "keep-alive": keepAlive, "threads": threads,
            "batch-size": batchSize, "kv-type": kvType, "arithmetic": arithmetic, "prefix-cache": prefixCache,
            "prefix-cache-size": prefixCacheSize, "max-wait": maxWait, "body-limit": bodyLimit, "audit": audit,
            "audit-keep": auditKeep, "audit-prompts": auditPrompts, "history": history, "history-keep": historyKeep,
            "input-price": inputPrice, "output-price": outputPrice, "tracing": tracing, "drain": drain,
            "log-level": logLevel, "tls-certificate": tlsCertificate, "tls-key": tlsKey,
            "tls-client-authority": tlsClientAuthority,
        ]
        return values.merging(limits.given) { $1 }.compactMapValues { $0.map { [$0] } }.merging([
            "origin": origin, "preload": preload,
        ]) { $1 }
    }

    /// A wrong flag is wrong usage; a wrong file or variable is not.
    func validate() throws {
        let flags = ServerConfiguration(home: URL(filePath: "/"), [SettingLayer(flags: given)])
        if let problem = flags.problems.first {
            throw ValidationError([problem.place, problem.problem].compactMap { $0 }.joined(separator: " "))
        }
    }

    /// All settings as they are now, from the flags, the environment and the file. `home` is the library's folder.
    func configuration(home: URL) throws -> ServerConfiguration {
        let environment = ProcessInfo.processInfo.environment
        let file = try configurationFile(home: home, environment).map { try SettingLayer(contentsOf: $0) }
        return ServerConfiguration(
            home: home, [file, SettingLayer(environment: environment), SettingLayer(flags: given)].compactMap { $0 })
    }

    /// The file that was named, or the usual one if it is there.
    func configurationFile(home: URL, _ environment: [String: String]) throws -> URL? {
        if let path = config ?? environment["SWIFTLET_CONFIG"], !path.isEmpty { return URL(filePath: path) }
        let usual = home.appending(path: "config.yaml", directoryHint: .notDirectory)
        return FileManager.default.fileExists(atPath: usual.path(percentEncoded: false)) ? usual : nil
    }
}

extension ArgumentHelp {
    /// The help of a row of the table.
    static func setting(_ name: String) -> ArgumentHelp {
        guard let setting = ServerSettings.named(name) else { preconditionFailure("no setting is called \(name)") }
        var text = setting.help
        if setting.isList { text += " May be repeated." }
        if setting.valueName != nil, let usual = setting.defaultText {
            text = text.dropLast() + " (default: \(usual))."
        }
        return ArgumentHelp(stringLiteral: text).named(setting.valueName)
    }

    private func named(_ valueName: String?) -> ArgumentHelp {
        var help = self
        help.valueName = valueName
        return help
    }
}
