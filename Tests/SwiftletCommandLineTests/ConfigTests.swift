import Foundation
import SwiftletGround
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// `swiftlet config`, and a server that reads its file anew.
struct ConfigTests {
    @Test func showTellsValuesAndOrigins() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("queue: 7\nkeep-alive: 1h\n", to: "config.yaml")
        let run = try CommandRun(["config", "show", "--json", "--config", file, "--queue", "9"])
        #expect(run.status == 0, "\(run.error)")
        let shown = try JSONValue(parsing: run.text).object
        #expect(shown?["queue"]?.object?["value"]?.string == "9")
        #expect(shown?["queue"]?.object?["origin"]?.string == "--queue")
        #expect(shown?["keep-alive"]?.object?["origin"]?.string == "\(file):2")
        // Each setting has its flag.
        let help = try CommandRun(["serve", "--help"]).text
        for name in try #require(shown).map(\.key) { #expect(help.contains("--\(name)"), "\(name)") }
        let text = try CommandRun(["config", "show", "--config", file])
        #expect(text.text.contains("keep-alive") && text.text.contains("config.yaml:2"))
    }

    @Test func checkNamesEveryProblem() throws {
        let folder = try TemporaryFolder()
        let good = try CommandRun(["config", "check", try folder.write("queue: 7\n", to: "config.yaml")])
        #expect(good.status == 0 && good.text.contains("all right (1 of"), "\(good.text)\(good.error)")
        let file = try folder.write("queue: -1\nkeepAlive: 5m\n", to: "config.yaml")
        let bad = try CommandRun(["config", "check", file])
        #expect(bad.status == 1)
        #expect(bad.text.contains("\(file):1: queue: must be") && bad.text.contains("It is called keep-alive"))
        let missing = try CommandRun(["config", "check", file + "x"])
        #expect(missing.status == 1 && missing.error.contains("cannot be read"))
        let serve = try CommandRun(["serve", "--config", file])
        #expect(serve.status == 1 && serve.error.contains("queue: must be"))
        #expect(try CommandRun(["serve", "--queue", "-1"]).status == 2)
    }

    @Test func templateIsRight() throws {
        let folder = try TemporaryFolder()
        let template = try CommandRun(["config", "template"])
        #expect(try CommandRun(["config", "check", try folder.write(template.text, to: "config.yaml")]).status == 0)
    }

    @Test func aServerReadsItsFileAnew() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("body-limit: 1000\n", to: "config.yaml")
        let process = CommandRun.process(["serve", "--host", "127.0.0.1:0", "--config", file])
        let (output, errors) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, output)
        process.standardError = errors
        try process.run()
        defer { process.terminate() }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let address = try #require(line.split(separator: " ").first { $0.hasPrefix("http") })
        let question = Data("{\"model\": \"\(String(repeating: "x", count: 2000))\"}".utf8)
        func status() async throws -> Int {
            var request = URLRequest(url: try #require(URL(string: "\(address)/api/show")))
            (request.httpMethod, request.httpBody) = ("POST", question)
            let (_, response) = try await URLSession.shared.data(for: request)
            return try #require(response as? HTTPURLResponse).statusCode
        }
        let tooLarge = try await status()
        #expect(tooLarge == 413)
        for (text, answer, told) in [
            ("body-limit: 1MB\n", 400, "body-limit"), ("nonsense: 1\n", 400, "stays as it was"),
        ] {
            _ = try folder.write(text, to: "config.yaml")
            kill(process.processIdentifier, SIGHUP)
            // It says so once it has done it.
            var log = ""
            while !log.contains(told) {
                let more = errors.fileHandleForReading.availableData
                if more.isEmpty { break }
                log += String(decoding: more, as: UTF8.self)
            }
            #expect(log.contains(told), "\(log)")
            let found = try await status()
            #expect(found == answer)
        }
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
