import Foundation
import Testing

/// `swiftlet key`, and what `serve` makes of keys.
struct KeyCommandTests {
    @Test func addListRevoke() throws {
        let folder = try TemporaryFolder()
        func run(_ arguments: String...) throws -> CommandRun { try CommandRun(["key"] + arguments, home: folder.url) }
        #expect(try run("list").text.hasPrefix("No keys"))
        let added = try run("add", "laptop")
        #expect(added.status == 0 && added.error.contains("not shown again"))
        let key = try #require(added.lines.first)
        #expect(added.lines.count == 1 && key.hasPrefix("sk-swl-") && key.utf8.count == 71)

        let full = try run(
            "add", "app", "--role", "user", "--models", "smollm2:135m,owner/qwen", "--requests-per-minute", "60",
            "--tokens-per-day", "100000", "--concurrent", "4", "--priority=-5", "--expires", "30d", "--json")
        let object = try full.json()
        #expect((object["key"] as? String)?.hasPrefix("sk-swl-") == true)
        #expect(object["models"] as? [String] == ["smollm2:135m", "owner/qwen"])
        #expect(object["priority"] as? Int == -5 && object["tokensPerDay"] as? Int == 100_000)
        #expect(object["sha256"] == nil)

        let listed = try run("list")
        #expect(listed.lines.count == 3)
        #expect(listed.lines[1].hasPrefix("laptop  user  all"))
        #expect(listed.text.contains("60/minute, 100000 tokens/day, 4 at once"))
        let json = try run("list", "--json")
        let all = try #require(JSONSerialization.jsonObject(with: json.output) as? [[String: Any]])
        #expect(all.map { $0["name"] as? String } == ["laptop", "app"])
        #expect(!json.text.contains("sha256") && !json.text.contains("sk-swl") && !listed.text.contains("sk-swl"))

        let file = folder.url.appending(path: "library/keys.json")
        #expect(try !String(contentsOf: file, encoding: .utf8).contains(key.dropFirst(7)))
        let again = try run("add", "app")
        #expect(again.status == 1 && again.output.isEmpty && again.error.contains("key \"app\": there is a key"))
        #expect(try run("revoke", "nobody").status == 1)
        #expect(try run("revoke", "app").text == "revoked app\n")
        #expect(try run("revoke", "laptop").error.contains("No keys are left"))
    }

    @Test(arguments: [
        ["--role", "root"], ["--requests-per-minute", "0"], ["--tokens-per-day", "-1"], ["--concurrent", "many"],
        ["--priority", "1001"], ["--expires", "soon"], ["--expires", "0d"], ["--expires", "101y"],
        ["--role", "admin", "--models", "smollm2"],
    ]) func wrongOptions(_ options: [String]) throws {
        let run = try CommandRun(["key", "add", "app"] + options)
        #expect(run.status == 2 && run.output.isEmpty, "\(run.error)")
    }

    @Test func wrongNames() throws {
        for arguments in [["a b"], ["app", "--models", "a,,b"], ["app", "--models", "../x"]] {
            let run = try CommandRun(["key", "add"] + arguments)
            #expect(run.status == 1 && run.output.isEmpty, "\(arguments): \(run.error)")
        }
    }

    @Test func otherMachinesNeedKeys() throws {
        let folder = try TemporaryFolder()
        let refused = try CommandRun(["serve", "--host", "0.0.0.0:0"], home: folder.url)
        #expect(refused.status == 1 && refused.output.isEmpty)
        #expect(refused.error.contains("swiftlet key add") && refused.error.contains("--insecure"), "\(refused.error)")
        // Nor does a file of keys that is none count as none, wherever it listens.
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "library"), withIntermediateDirectories: true)
        _ = try folder.write("", to: "library/keys.json")
        let bad = try CommandRun(["serve", "--host", "127.0.0.1:0"], home: folder.url)
        #expect(bad.status == 1 && bad.error.contains("keys.json"), "\(bad.error)")
        #expect(try CommandRun(["key", "list"], home: folder.url).status == 1)
    }

    @Test(arguments: [[], ["--insecure"]]) func servesOtherMachines(_ options: [String]) throws {
        let folder = try TemporaryFolder()
        if options.isEmpty { #expect(try CommandRun(["key", "add", "app"], home: folder.url).status == 0) }
        let process = CommandRun.process(["serve", "--host", "0.0.0.0:0"] + options, home: folder.url)
        let output = Pipe()
        (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        #expect(line.hasPrefix("Swiftlet listens on http://0.0.0.0:"), "\(line)")
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
