package import Foundation
import SwiftletGround
import SwiftletHistory
import SwiftletEngine

/// The settings of a server from all places: flags before the environment before the file before what is built in.
package struct ServerConfiguration: Sendable {
    /// A setting, its value and where that comes from.
    package struct Value: Sendable {
        package let setting: ServerSetting
        package let texts: [String]
        package let origin: SettingLayer.Origin
    }

    package private(set) var options = ServerOptions()
    package private(set) var values: [Value] = []
    /// Everything that is wrong in any of the places; such values count for nothing.
    package private(set) var problems: [ServerError] = []

    /// `home` is the library's folder; the layers come in the order in which they overrule each other, the weakest first.
    package init(home: URL, _ layers: [SettingLayer]) {
        options.engine.prefixStore = PrefixStoreOptions(
            folder: home.appending(path: "prefixes", directoryHint: .isDirectory),
            byteLimit: ServerOptions.usualPrefixBytes)
        options.history = HistoryOptions(url: HistoryOptions.url(inHome: home))
        problems = layers.flatMap(\.problems)
        for setting in ServerSettings.all {
            var origin = SettingLayer.Origin.builtIn
            for layer in layers {
                for entry in layer.entries where entry.setting.name == setting.name {
                    do throws(ServerError) {
                        try setting.read(entry.texts, layer.base, &options)
                        origin = entry.origin
                    } catch {
                        problems.append(error.within(Self.place(of: entry)))
                    }
                }
            }
            values.append(Value(setting: setting, texts: setting.write(options), origin: origin))
        }
    }

    /// Throws if anything is wrong: all of it in one error.
    package func checked() throws(ServerError) -> ServerConfiguration {
        guard let first = problems.first else { return self }
        guard problems.count > 1 else { throw first }
        throw ServerError(.configuration, problems.map(\.description).joined(separator: "\n  "))
    }

    private static func place(of entry: SettingLayer.Entry) -> String {
        guard case .file = entry.origin else { return entry.origin.description }
        return "\(entry.origin): \(entry.setting.name)"
    }
}

extension ServerConfiguration {
    /// What a running server makes of other options.
    package struct Change {
        /// The running options with what may change while they run.
        package private(set) var options: ServerOptions
        package private(set) var changed: [ServerSetting] = []
        /// Settings that differ, and take effect only in a server that is started anew.
        package private(set) var waiting: [ServerSetting] = []

        package init(from running: ServerOptions, to wanted: ServerOptions) throws(ServerError) {
            options = running
            for setting in ServerSettings.all where setting.write(running) != setting.write(wanted) {
                guard setting.effect != .restart else {
                    waiting.append(setting)
                    continue
                }
                try setting.read(setting.write(wanted), nil, &options)
                changed.append(setting)
            }
        }
    }
}
