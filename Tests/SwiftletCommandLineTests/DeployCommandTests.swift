import Foundation
import Testing

/// `swiftlet deploy`: what is written where, and that `serve` understands it.
struct DeployCommandTests {
    @Test func writesAndRefuses() throws {
        let folder = try TemporaryFolder()
        func deploy(_ arguments: String...) throws -> CommandRun {
            try CommandRun(
                ["deploy", "systemd", "--model", "smollm2:135m", "--cores", "2", "--output", folder.path("units")]
                    + arguments, home: folder.url)
        }
        let first = try deploy()
        #expect(first.status == 0 && first.error.isEmpty, "\(first.error)")
        #expect(first.lines.count == 4 && first.text.contains("limit 768 MiB"))
        let unit = try String(contentsOfFile: folder.path("units/swiftlet.service"), encoding: .utf8)
        #expect(unit.hasPrefix("# Made by: swiftlet deploy systemd --model smollm2:135m --cores 2 --output "))
        #expect(try deploy().status == 0)
        let other = try deploy("--port", "8080")
        #expect(other.status == 1 && other.output.isEmpty && other.error.contains("--force"), "\(other.error)")
        #expect(try String(contentsOfFile: folder.path("units/swiftlet.service"), encoding: .utf8) == unit)
        #expect(try deploy("--port", "8080", "--force").status == 0)
        #expect(try String(contentsOfFile: folder.path("units/swiftlet.service"), encoding: .utf8) != unit)
    }

    @Test func printsInstead() throws {
        let folder = try TemporaryFolder()
        let output = folder.path("none")
        let printed = try CommandRun(
            ["deploy", "kubernetes", "--model", "qwen3:0.6b", "--stdout", "--output", output], home: folder.url)
        #expect(printed.status == 0 && printed.lines.filter { $0 == "---" }.count == 6)
        let json = try CommandRun(
            ["deploy", "docker", "--model", "qwen3:0.6b", "--stdout", "--json", "--output", output], home: folder.url
        ).json()
        #expect(json["estimated"] as? Bool == true && json["platform"] as? String == "docker")
        let memory = try #require(json["memory"] as? [String: Int])
        #expect(memory["limitMebibytes"] ?? 0 > memory["modelMebibytes"] ?? .max)
        let files = try #require(json["files"] as? [[String: String]])
        #expect(files.first?["path"] == "Dockerfile" && files.first?["text"]?.contains("qwen3:0.6b") == true)
        #expect(!FileManager.default.fileExists(atPath: output))
    }

    /// The server of every platform begins as the files say, and misses nothing but its model.
    @Test(arguments: ["docker", "docker --bake", "docker --insecure"]) func serveUnderstandsIt(_ words: String) throws {
        let folder = try TemporaryFolder()
        let words = words.split(separator: " ").map(String.init)
        let json = try CommandRun(
            ["deploy"] + words + ["--model", "all-minilm-l6-v2:22m", "--stdout", "--json"], home: folder.url
        ).json()
        let text = try #require((json["files"] as? [[String: String]])?.first?["text"])
        let line = try #require(text.split(separator: "\n").last { $0.hasPrefix("CMD ") })
        var arguments = try JSONDecoder().decode([String].self, from: Data(line.dropFirst(4).utf8))
        for (place, word) in arguments.enumerated() {
            if word == "11434" { arguments[place] = "0" }
            let name = word.hasSuffix(".json") ? "keys.json" : "prefixes"
            if word.hasPrefix("/") { arguments[place] = folder.path(name) }
        }
        let key = try CommandRun(["key", "add", "app", "--file", folder.path("keys.json")], home: folder.url)
        #expect(key.status == 0, "\(key.error)")
        _ = try CommandRun(["key", "add", "app"], home: folder.url)
        let served = try CommandRun(arguments, home: folder.url)
        #expect(served.status == 1 && served.error.contains("all-minilm-l6-v2:22m"), "\(served.error)")
    }

    @Test func wrongModels() throws {
        for (arguments, part) in [
            (["--model", "nonesuch:1b"], "neither in the library nor in the catalogue"),
            (["--model", "hf:owner/model"], "swiftlet pull hf:owner/model"),
            (["--model", "smollm2:135m", "--source", "./model.gguf"], "--no-pull"),
            (["--model", "smollm2:135m", "--bake", "--no-pull"], "--bake"),
            (["--model", "smollm2:135m", "--name", "A"], "--name"),
        ] {
            let run = try CommandRun(["deploy", "docker", "--stdout"] + arguments)
            #expect(run.status == 1 && run.output.isEmpty && run.error.contains(part), "\(arguments): \(run.error)")
        }
        #expect(try CommandRun(["deploy", "docker"]).status == 2)
    }
}
