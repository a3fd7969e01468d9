import Foundation

/// One setting of a server: its name in the configuration file, on the command line (`--name`) and in the environment
/// (`SWIFTLET_NAME`), and where it goes.
package struct ServerSetting: Sendable {
    /// When a change in the configuration file takes effect in a running server that is told to reload.
    package enum Effect: String, Sendable {
        case now = "at once"
        case nextLoad = "for models loaded from then on"
        case restart = "after a restart"
    }

    package let name: String
    /// A sentence for help and documentation.
    package let help: String
    /// What the help calls a value; nil for a switch.
    package let valueName: String?
    package let isList: Bool
    package let effect: Effect
    /// What it is if nobody says anything, where options alone do not know it.
    private let usual: String?
    /// Puts texts into options, or throws what is wrong with them.
    let read: @Sendable (_ texts: [String], _ base: URL?, _ options: inout ServerOptions) throws(ServerError) -> Void
    /// The value as texts.
    let write: @Sendable (ServerOptions) -> [String]

    init<Value>(
        _ name: String, _ form: SettingForm<Value>, _ path: any WritableKeyPath<ServerOptions, Value> & Sendable,
        _ effect: Effect, _ help: String, usual: String? = nil
    ) {
        (self.name, self.help, self.effect, self.usual) = (name, help, effect, usual)
        (valueName, isList) = (form.valueName, form.isList)
        read = { (texts, base, options) throws(ServerError) in options[keyPath: path] = try form.read(texts, base) }
        write = { form.write($0[keyPath: path]) }
    }

    /// The variable of the environment; the values of a list are parted by commas in it.
    package var variable: String { "SWIFTLET_" + name.uppercased().replacing("-", with: "_") }

    /// The value without a file, a variable or a flag, in words; nil for a list, which is empty then.
    package var defaultText: String? { isList ? nil : usual ?? write(ServerOptions()).first }
}
