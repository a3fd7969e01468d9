package import SwiftletGround

extension ServerConfiguration {
    /// A configuration file with every setting, commented out, and what it does.
    package var template: String {
        var text = """
            # Settings of `swiftlet serve`. Flags (--keep-alive 5m) and the environment (SWIFTLET_KEEP_ALIVE=5m) overrule them.
            # `swiftlet config check` reads this file, `swiftlet config show` tells all values and where they come from.
            # A running server reads it anew on SIGHUP.

            """
        for value in values {
            let setting = value.setting
            text += "\n# \(setting.help)\(setting.isList ? " A list." : "")"
            text += " A change takes effect \(setting.effect.rawValue).\n"
            let shown = setting.isList ? "[\(value.texts.joined(separator: ", "))]" : value.texts.first ?? ""
            text += "# \(setting.name): \(shown)\n"
        }
        return text
    }

    /// All settings for programs.
    package var json: JSONValue {
        .object(
            JSONObject(
                values.map { value in
                    let setting = value.setting
                    let shown: JSONValue =
                        setting.isList ? .array(value.texts.map { .string($0) }) : .string(value.texts.first ?? "")
                    let fields: JSONValue = [
                        "value": shown, "origin": .string(value.origin.description),
                        "variable": .string(setting.variable),
                        "effect": .string(setting.effect.rawValue),
                    ]
                    return (setting.name, fields)
                }))
    }
}
