import ArgumentParser
import SwiftletGround
import SwiftletLibrary
import SwiftletServer

struct ConfigShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "All settings, and where each value comes from; takes the flags of serve.",
        discussion: """
              $ SWIFTLET_PORT=8080 swiftlet config show --keep-alive 1h
              SETTING     VALUE      FROM
              host        127.0.0.1  default
              port        8080       SWIFTLET_PORT
              keep-alive  1h         --keep-alive
            """)

    @OptionGroup var server: ServerArguments

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let configuration = try server.configuration(home: Library().home).checked()
        if json { return try StandardOutput.write(configuration.json.text(.pretty) + "\n") }
        var table = TextTable()
        table.add("SETTING", "VALUE", "FROM")
        for value in configuration.values {
            let shown = value.texts.isEmpty ? "-" : value.texts.joined(separator: ", ")
            table.add(value.setting.name, shown, value.origin.description)
        }
        try StandardOutput.write(table.text())
    }
}
