package import Foundation
import SwiftletGround
import Yams

/// Settings from one place, as they are written there.
package struct SettingLayer: Sendable {
    /// Where a value comes from.
    package enum Origin: Hashable, Sendable {
        case builtIn
        case file(path: String, line: Int)
        case environment(String)
        case flag(String)
    }

    struct Entry: Sendable {
        let setting: ServerSetting
        let texts: [String]
        let origin: Origin
    }

    private(set) var entries: [Entry] = []
    /// What the relative paths of the values start from; nil for the current folder.
    private(set) var base: URL?
    /// What is wrong with it, beside its values.
    private(set) var problems: [ServerError] = []

    /// What the command line gives: texts by the names of settings.
    package init(flags: [String: [String]]) {
        for setting in ServerSettings.all {
            if let texts = flags[setting.name], !texts.isEmpty { add(setting, texts, .flag("--" + setting.name)) }
        }
        partHost()
    }

    /// What the environment gives; an empty variable is none.
    package init(environment: [String: String]) {
        for setting in ServerSettings.all {
            guard let text = environment[setting.variable], !text.isEmpty else { continue }
            let texts = setting.isList ? text.split(separator: ",").map { $0.trimming(" ") } : [text]
            add(setting, texts, .environment(setting.variable))
        }
        partHost()
    }

    /// Reads a configuration file: a mapping of settings' names to values, or to lists of values (YAML 1.2).
    ///
    /// Throws if it cannot be read or is no such mapping; names that are no settings are among the problems.
    package init(contentsOf url: URL) throws(ServerError) {
        let path = url.relativePath
        let text: String
        do {
            let data = try Data(contentsOf: url)
            guard data.count <= Self.mostBytes, let whole = String(validating: data, as: UTF8.self) else {
                throw ServerError(.configuration, "is no text of at most 1 MB", at: path)
            }
            text = whole
        } catch let error as ServerError {
            throw error
        } catch {
            throw ServerError(.configuration, "cannot be read: \(error.localizedDescription)", at: path)
        }
        try self.init(yaml: text, path: path, base: url.deletingLastPathComponent())
    }

    package init(yaml text: String, path: String, base: URL? = nil) throws(ServerError) {
        self.base = base
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw ServerError(.configuration, "is no YAML: \(Self.reason(error))", at: path)
        }
        // A file of comments alone.
        guard let root, root.null == nil else { return }
        guard let mapping = root.mapping else {
            throw ServerError(
                .configuration, "must be settings, each a name, a colon and a value", at: path,
                advice: "`swiftlet config template` prints one")
        }
        for (key, value) in mapping { add(key, value, path) }
        partHost()
    }

    private mutating func add(_ key: Node, _ value: Node, _ path: String) {
        let line = key.mark?.line ?? 1
        let place = "\(path):\(line)"
        guard let name = key.scalar?.string, let setting = ServerSettings.named(name) else {
            let name = key.scalar?.string ?? "a list or mapping"
            problems.append(
                ServerError(
                    .configuration, "\"\(name.prefix(80))\" is no setting", at: place, advice: Self.advice(for: name)))
            return
        }
        let nodes = value.sequence.map(Array.init) ?? [value]
        let texts = nodes.compactMap { $0.null == nil ? $0.scalar?.string : nil }
        guard texts.count == nodes.count else {
            let wanted = setting.isList ? "a value or a list of values" : "one value"
            problems.append(ServerError(.configuration, "must be \(wanted)", at: "\(place): \(name)"))
            return
        }
        add(setting, texts, .file(path: path, line: line))
    }

    private mutating func add(_ setting: ServerSetting, _ texts: [String], _ origin: Origin) {
        entries.append(Entry(setting: setting, texts: texts, origin: origin))
    }

    /// `host: 0.0.0.0:8080` says the port, too, unless it has a place of its own.
    private mutating func partHost() {
        guard let index = entries.firstIndex(where: { $0.setting.name == "host" }), entries[index].texts.count == 1,
            let setting = ServerSettings.named("port")
        else { return }
        let entry = entries[index]
        let address = HostAndPort(entry.texts[0])
        entries[index] = Entry(setting: entry.setting, texts: [address.host], origin: entry.origin)
        if let port = address.port, !entries.contains(where: { $0.setting.name == "port" }) {
            add(setting, [port], entry.origin)
        }
    }

    /// The setting that was perhaps meant: `keep_alive` and `keepAlive` for `keep-alive`.
    private static func advice(for name: String) -> String {
        let plain = { (text: String) in text.lowercased().filter { $0.isLetter || $0.isNumber } }
        if let meant = ServerSettings.all.first(where: { plain($0.name) == plain(name) }) {
            return "It is called \(meant.name)"
        }
        return "`swiftlet config template` shows all settings"
    }

    private static func reason(_ error: any Error) -> String {
        // Yams' texts show the line and point at its column.
        String(describing: error).split(separator: "\n").prefix(2).joined(separator: " ").prefix(200).description
    }

    private static let mostBytes = 1 << 20
}

extension SettingLayer.Origin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .builtIn: "default"
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let name), .flag(let name): name
        }
    }
}

extension StringProtocol {
    fileprivate func trimming(_ character: Character) -> String {
        var text = self[...]
        while text.first == character { text = text.dropFirst() }
        while text.last == character { text = text.dropLast() }
        return String(text)
    }
}
