import ArgumentParser
import Foundation
import SwiftletGround
import SwiftletLibrary
import SwiftletServer

struct KeyListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the API keys: names and rights, never the keys themselves.",
        discussion: """
              $ swiftlet key list
              NAME    ROLE  MODELS        LIMITS      PRIORITY  CREATED     EXPIRES
              app     user  smollm2:135m  60/minute   0         2026-11-21  2026-12-21
            """)

    @OptionGroup var place: KeyFileArgument

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let keys = try place.keyFile().keys()
        if json {
            try StandardOutput.write(JSONValue.array(keys.map { .object($0.summary) }).text(.pretty) + "\n")
        } else if keys.isEmpty {
            try StandardOutput.write("No keys: the server answers everybody on this machine, and no other one.\n")
        } else {
            try StandardOutput.write(Self.text(keys))
        }
    }

    private static func text(_ keys: [APIKey]) -> String {
        var table = TextTable()
        table.add("NAME", "ROLE", "MODELS", "LIMITS", "PRIORITY", "CREATED", "EXPIRES")
        let now = Date()
        for key in keys {
            let expires = key.expires.map { $0 <= now ? "expired" : $0.day } ?? "-"
            table.add(
                key.name, key.role.rawValue, key.models?.map(\.description).joined(separator: ",") ?? "all",
                key.limits.text, String(key.priority), key.created.day, expires)
        }
        return table.text()
    }
}

extension APIKey {
    /// What is told of a key; all of it but its digest, which is of no use to anybody.
    var summary: JSONObject {
        var object = json.object ?? JSONObject()
        object["sha256"] = nil
        return object
    }
}

extension KeyLimits {
    fileprivate var text: String {
        let parts = [
            requestsPerMinute.map { "\($0)/minute" }, tokensPerDay.map { "\($0) tokens/day" },
            concurrent.map { "\($0) at once" },
        ]
        let text = parts.compactMap { $0 }.joined(separator: ", ")
        return text.isEmpty ? "-" : text
    }
}

extension Date {
    /// The day in UTC: 2026-11-21.
    fileprivate var day: String { formatted(.iso8601.year().month().day()) }
}
