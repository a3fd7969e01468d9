import ArgumentParser
import Foundation
import SwiftletGround
import SwiftletServer

struct AuditShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show an audit log's records, the last ones last.",
        discussion: """
              $ swiftlet audit show --since 1h --key laptop
              $ swiftlet audit show --outcome denied --json
            """)

    @OptionGroup var log: AuditArguments

    @Option(help: ArgumentHelp("Only records that are younger.", valueName: "time")) var since: TimeSpan?
    @Option(help: ArgumentHelp("Only requests with this API key.", valueName: "name")) var key: String?
    @Option(help: ArgumentHelp("Only requests from this address.", valueName: "address")) var client: String?
    @Option(help: ArgumentHelp("Only requests for this model.", valueName: "model")) var model: String?
    @Option(
        help: ArgumentHelp(
            "Only requests that ended so: ok, denied, limited, cancelled, refused, unavailable, failed.",
            valueName: "outcome"))
    var outcome: String?
    @Option(
        help: ArgumentHelp(
            "Only such events: request, start, stop, reload, revoked, gap, removed.", valueName: "event"))
    var event: String?
    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("The most records.", valueName: "n")) var limit = 100
    @Flag(help: "With the prompts' texts, where they are kept.") var prompts = false
    @Flag(help: "Print JSON, a record a line.") var json = false

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be 1 or more") }
    }

    func run() throws {
        var search = AuditSearch()
        let values = ["key": key, "client": client, "model": model, "outcome": outcome, "event": event]
        search.values = values.compactMapValues { $0 }
        search.since = since.map { Date(timeIntervalSinceNow: -($0.duration / .seconds(1))) }
        (search.limit, search.withTexts) = (limit, prompts)
        let records = try search.records(in: log.auditFolder())
        if json {
            for record in records { try StandardOutput.write(JSONValue.object(record).text() + "\n") }
        } else {
            try StandardOutput.write(Self.text(records))
        }
    }

    private static func text(_ records: [JSONObject]) -> String {
        var table = TextTable(.right)
        table.add("N", "TIME", "EVENT", "WHO", "WHAT", "MODEL", "OUTCOME", "TOKENS", "TIME TAKEN")
        for record in records {
            let text = { (name: String) in record[name]?.string }
            let what = text("path").map { "\(text("method") ?? "") \($0)" } ?? text("note") ?? "-"
            let tokens = (record["prompt_tokens"]?.integer).map {
                "\($0)+\(record["generated_tokens"]?.integer ?? 0)"
            }
            let taken = (record["milliseconds"]?.number).map { "\(Int($0.rounded())) ms" }
            table.add(
                "\(record["n"]?.integer ?? 0)", String(text("time")?.prefix(19) ?? "-"), text("event") ?? "-",
                text("key") ?? text("client") ?? "-", what, text("model") ?? "-",
                (record["status"]?.integer).map { "\(text("outcome") ?? "") (\($0))" } ?? "-", tokens ?? "-",
                taken ?? "-")
        }
        var lines = table.text()
        for record in records {
            if let words = record["text"]?.string?.withoutControls {
                lines += "\n\(record["n"]?.integer ?? 0): \(words)\n"
            }
        }
        return lines
    }
}
