import ArgumentParser
import Foundation
import SwiftletGround
import SwiftletHistory
import SwiftletLibrary

struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Tell what a server's requests took: latency, throughput, errors, tokens, cost.",
        discussion: """
            Read from the history that `swiftlet serve` keeps in the library, also while it runs. Latency and \
            time to first token are of whole answers, from the request on; TOKENS/S counts generated tokens \
            while any request ran.
            """)

    @Option(help: ArgumentHelp("How far to look back: 90m, 24h, 30d.", valueName: "time"))
    var since = TimeSpan.hours(24)

    @Option(
        help: ArgumentHelp(
            "The history's file (default: SWIFTLET_HISTORY, or the one in the library).", valueName: "file"))
    var file: String?

    @Option(help: ArgumentHelp("Only this model.", valueName: "model"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "What a million tokens of prompts would cost elsewhere (default: what the server was told).",
            valueName: "price"))
    var inputPrice: Double?

    @Option(help: ArgumentHelp("What a million generated tokens would cost elsewhere.", valueName: "price"))
    var outputPrice: Double?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        for price in [inputPrice, outputPrice].compactMap({ $0 }) where !(0...1e9).contains(price) {
            throw ValidationError("a price must be from 0 to 1e9")
        }
    }

    func run() throws {
        let library = try Library()
        let now = Date()
        let report = try HistoryReport(
            of: url(library), since: now - since.duration / .seconds(1),
            to: now, model: model.map { try Self.name($0, library) })
        let statistics = Statistics(
            report, since.description, input: inputPrice, output: outputPrice)
        try StandardOutput.write(json ? statistics.json.text() + "\n" : statistics.text)
    }

    /// Where `swiftlet serve` keeps its history, as far as one can tell here.
    private func url(_ library: Library) -> URL {
        let named = [file, ProcessInfo.processInfo.environment["SWIFTLET_HISTORY"]].compactMap { $0 }
        guard let path = named.first(where: { !$0.isEmpty && $0 != "off" }) else {
            return HistoryOptions.url(inHome: library.home)
        }
        return URL(filePath: NSString(string: path).expandingTildeInPath)
    }

    /// What the library calls a model, or would call it: it may have gone meanwhile.
    private static func name(_ text: String, _ library: Library) throws -> String {
        let name = try ModelName(text)
        return ((try? library.resolve(name.description).name) ?? name.tagged()).description
    }
}
