import Foundation
import Logging
import SwiftletEngine
import SwiftletGround
import Testing

import SwiftletServer

/// The table of settings, and who overrules whom.
struct ServerConfigurationTests {
    private let home = URL(filePath: "/home/models", directoryHint: .isDirectory)

    private func configuration(
        file: String? = nil, environment: [String: String] = [:], flags: [String: [String]] = [:]
    ) throws -> ServerConfiguration {
        let base = URL(filePath: "/etc/swiftlet", directoryHint: .isDirectory)
        let file = try file.map { try SettingLayer(yaml: $0, path: "config.yaml", base: base) }
        return ServerConfiguration(
            home: home,
            [file, SettingLayer(environment: environment), SettingLayer(flags: flags)].compactMap { $0 })
    }

    private func origin(_ name: String, _ configuration: ServerConfiguration) throws -> String {
        try #require(configuration.values.first { $0.setting.name == name }).origin.description
    }

    @Test func flagsBeforeEnvironmentBeforeFileBeforeDefault() throws {
        let all = try configuration(
            file: "parallel: 3\nqueue: 5\n# a comment\ncontext: 512\nkeep-alive: 1h\n",
            environment: ["SWIFTLET_QUEUE": "6", "SWIFTLET_CONTEXT": "1024", "SWIFTLET_PARALLEL": ""],
            flags: ["context": ["2048"]]
        ).checked()
        #expect(all.options.engine.maxSequences == 3)
        #expect(all.options.engine.maxWaiting == 6)
        #expect(all.options.contextLength == 2048)
        #expect(all.options.keepAlive == .seconds(3600))
        #expect(all.options.port == 11434)
        #expect(try origin("parallel", all) == "config.yaml:1")
        #expect(try origin("queue", all) == "SWIFTLET_QUEUE")
        #expect(try origin("context", all) == "--context")
        #expect(try origin("keep-alive", all) == "config.yaml:5")
        #expect(try origin("port", all) == "default")
    }

    @Test func aHostMayNameThePort() throws {
        let all = try configuration(file: "host: \"[::1]:8080\"", flags: ["host": ["0.0.0.0"]]).checked()
        #expect(all.options.host == "0.0.0.0" && all.options.port == 8080)
        #expect(try origin("port", all) == "config.yaml:1")
        let own = try configuration(environment: ["SWIFTLET_HOST": "localhost:1", "SWIFTLET_PORT": "2"]).checked()
        #expect(own.options.host == "localhost" && own.options.port == 2)
        #expect(try configuration(file: "host: localhost:http").problems.first?.description.contains("port") == true)
    }

    @Test func allForms() throws {
        let all = try configuration(
            file: """
                origin: [https://a.example, https://b.example]
                preload: smollm2:135m
                insecure: yes
                memory: 4GiB
                prefix-cache: cache
                prefix-cache-size: 1.5GB
                max-wait: forever
                kv-type: q8_0
                arithmetic: exact
                log-level: debug
                drain: 90
                threads: 3
                """
        ).checked().options
        #expect(all.origins == ["https://a.example", "https://b.example"] && all.preload == ["smollm2:135m"])
        #expect(all.isInsecure && all.modelMemory == 4 << 30)
        // Relative to the file.
        #expect(all.engine.prefixStore?.folder.path(percentEncoded: false) == "/etc/swiftlet/cache/")
        #expect(all.engine.prefixStore?.byteLimit == 1_500_000_000)
        #expect(all.maxWait == nil && all.engine.cacheType == .q8_0 && "\(all.engine.arithmetic)" == "exact")
        #expect(all.logLevel == .debug && all.shutdownLimit == .seconds(90) && all.engine.threads == 3)
        let off = try configuration(file: "prefix-cache: off\nprefix-cache-size: 1GB").checked().options
        #expect(off.engine.prefixStore == nil)
        let usual = try configuration(flags: ["prefix-cache-size": ["1GB"]]).checked().options
        #expect(usual.engine.prefixStore?.folder.path(percentEncoded: false) == "/home/models/prefixes/")
        #expect(usual.engine.prefixStore?.byteLimit == 1_000_000_000)
        let listed = try configuration(environment: ["SWIFTLET_ORIGIN": "https://a.example, https://b.example"])
        #expect(try listed.checked().options.origins == ["https://a.example", "https://b.example"])
    }

    @Test(arguments: [
        ("parallel: 0", "config.yaml:1: parallel: must be an integer from 1 to 1024, not \"0\""),
        ("\nparallel: many", "config.yaml:2: parallel: must be an integer"),
        ("keep_alive: 5m", "config.yaml:1: \"keep_alive\" is no setting. It is called keep-alive"),
        ("nonsense: 1", "config.yaml:1: \"nonsense\" is no setting. `swiftlet config template`"),
        ("parallel:", "config.yaml:1: parallel: must be one value"),
        ("parallel: [1, 2]", "config.yaml:1: parallel: must be one value"),
        ("parallel: {a: 1}", "config.yaml:1: parallel: must be one value"),
        ("origin: [{a: 1}]", "config.yaml:1: origin: must be a value or a list of values"),
        ("? [a, b]\n: 1", "\"a list or mapping\" is no setting"),
        ("memory: much", "must be auto, or a size like 500MB or 4GiB, not"),
        ("keep-alive: soon", "must be a time like 30s, 5m or 1h30m, or forever, not \"soon\""),
        ("insecure: maybe", "must be true or false"),
        ("log-level: loud", "must be one of trace, debug"),
        ("host: ''", "host: must not be empty"),
    ])
    func problems(_ text: String, _ expected: String) throws {
        let all = try configuration(file: text)
        #expect(all.problems.count == 1)
        #expect(all.problems.first?.description.contains(expected) == true, "\(all.problems)")
        #expect(throws: ServerError.self) { try all.checked() }
    }

    @Test(arguments: ["- a", "just text", "a: b: c", "a: 1\na: 2", "\t\u{0}", "a: *b", "[", "--- 1\n--- 2"])
    func whatIsNoMapping(_ text: String) {
        #expect(throws: ServerError.self) { try SettingLayer(yaml: text, path: "config.yaml") }
    }

    @Test func allProblemsAtOnce() throws {
        let all = try configuration(
            file: "parallel: 0\nqueue: 1\nnonsense: 1", environment: ["SWIFTLET_PORT": "http"],
            flags: ["drain": ["x"]])
        #expect(all.problems.count == 4)
        let error = #expect(throws: ServerError.self) { try all.checked() }
        for place in ["config.yaml:1", "config.yaml:3", "SWIFTLET_PORT", "--drain"] {
            #expect(error?.description.contains(place) == true)
        }
    }

    @Test func emptyFilesSayNothing() throws {
        for text in ["", "# only a comment\n", "---\n", "{}"] {
            #expect(try configuration(file: text).checked().values.allSatisfy { $0.origin == .builtIn })
        }
    }

    /// The template is a file of the defaults, and stays one when its lines are brought to life.
    @Test func template() throws {
        let usual = try configuration().checked()
        let lines = usual.template.split(separator: "\n")
        let settings = lines.filter { line in ServerSettings.all.contains { line.hasPrefix("# \($0.name): ") } }
        #expect(settings.count == ServerSettings.all.count)
        let text = settings.map { $0.dropFirst(2) }.joined(separator: "\n")
        let read = try configuration(file: text).checked()
        for (value, expected) in zip(read.values, usual.values) {
            #expect(value.texts == expected.texts, "\(value.setting.name)")
        }
        #expect(try configuration(file: usual.template).checked().values.allSatisfy { $0.origin == .builtIn })
    }

    @Test func namesAreUniqueAndPlain() {
        #expect(Set(ServerSettings.all.map(\.name)).count == ServerSettings.all.count)
        for setting in ServerSettings.all {
            #expect(setting.name.allSatisfy { $0.isASCII && ($0.isLowercase || $0 == "-") }, "\(setting.name)")
            #expect(setting.help.hasSuffix("."), "\(setting.name)")
        }
    }

    @Test func runningServersTakeWhatMayChange() throws {
        let before = try configuration(file: "parallel: 2\nport: 1\nbody-limit: 1MB").checked().options
        let after = try configuration(file: "parallel: 4\nport: 2\nbody-limit: 2MB\nkeep-alive: forever").checked()
            .options
        let change = try ServerConfiguration.Change(from: before, to: after)
        #expect(change.changed.map(\.name) == ["parallel", "keep-alive", "body-limit"])
        #expect(change.waiting.map(\.name) == ["port"])
        #expect(change.options.engine.maxSequences == 4 && change.options.bodyLimit == 2_000_000)
        #expect(change.options.keepAlive == nil && change.options.port == 1)
    }
}
