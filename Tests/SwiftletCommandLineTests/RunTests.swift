import Foundation
import Testing

@Suite(.enabled(if: TestData.hasModel)) struct RunTests {
    let model: String

    init() throws { model = try #require(TestData.model) }

    @Test func oneAnswer() throws {
        let arguments = ["run", model, "Name three primary colors.", "--temperature", "0", "--max-tokens", "40"]
        let run = try CommandRun(arguments + ["--stats"])
        #expect(run.status == 0)
        #expect(run.text.hasPrefix("The primary colors are") && run.text.hasSuffix("\n"))
        #expect(run.error.contains("tokens/s") && run.error.contains("first token after"))
        let text = try #require(CommandRun(arguments + ["--json"]).json()["text"] as? String)
        #expect(run.text == text + "\n")
    }

    @Test func jsonOfARawPrompt() throws {
        let run = try CommandRun([
            "run", model, "The capital of France is", "--raw", "--temperature", "0", "--max-tokens", "3", "--json",
        ])
        let json = try run.json()
        #expect(json["text"] as? String == " Paris.\n")
        #expect(json["tokens"] as? [Int] == [7042, 30, 198])
        #expect(json["finishReason"] as? String == "length")
        let counts = try #require(json["counts"] as? [String: Int])
        #expect(counts == ["prompt": 5, "cached": 0, "generated": 3])
        let durations = try #require(json["durations"] as? [String: Double])
        #expect(durations.values.allSatisfy { $0 > 0 })
    }

    /// With the file in the page cache; the fastest of some runs, since other processes may hold one up.
    @Test func theFirstTokenComesWithinThreeTenthsOfASecond() throws {
        let durations = try (0..<5).map { _ in
            let start = ContinuousClock.now
            let run = try CommandRun(["run", model, "The capital of France is", "--raw", "--max-tokens", "1"])
            #expect(run.status == 0, "\(run.error)")
            return ContinuousClock.now - start
        }
        let fastest = try #require(durations.min())
        #expect(fastest < .milliseconds(300), "from process start to its end: \(durations)")
    }

    @Test func peakMemoryIsTheFileTheCacheAndAFixedAmount() throws {
        let prompt = String(repeating: "The quick brown fox jumps over the lazy dog. ", count: 60)
        let run = try CommandRun([
            "run", model, prompt, "--raw", "--max-tokens", "16", "--ignore-eos", "--context", "1024", "--json",
        ])
        let peak = try #require(run.json()["peakMemory"] as? Int)
        let file = try #require(URL(filePath: model).resourceValues(forKeys: [.fileSizeKey]).fileSize)
        // 30 layers of keys and values, 3 heads of 64 elements each, F16.
        let cache = 1024 * 30 * 2 * 3 * 64 * 2
        #expect(peak < file + cache + 120_000_000, "\(peak) bytes with a file of \(file) and a cache of \(cache)")
        #expect(peak > file / 2)
    }

    @Test func pipedInputIsThePromptOrFollowsIt() throws {
        let options = ["--temperature", "0", "--max-tokens", "8", "--json"]
        func answer(_ prompt: [String], _ input: String) throws -> [Int]? {
            try CommandRun(["run", model] + prompt + options, input: input).json()["tokens"] as? [Int]
        }
        let whole = try answer(["Name a fruit.\n\nA red one."], "")
        #expect(try answer([], "Name a fruit.\n\nA red one.\n") == whole)
        #expect(try answer(["Name a fruit."], "A red one.\n") == whole)
        #expect(try answer(["Name a fruit."], "") != whole)
    }

    @Test func aSeedRepeatsAnAnswerOnAnyNumberOfThreads() throws {
        func answer(_ seed: String, threads: String) throws -> String {
            try CommandRun([
                "run", model, "Tell me a story.", "--seed", seed, "--temperature", "1.5", "--max-tokens", "12",
                "--threads", threads,
            ]).text
        }
        let first = try answer("7", threads: "1")
        #expect(try answer("7", threads: "2") == first)
        #expect(try answer("8", threads: "2") != first)
    }

    @Test func samplingOptionsReachTheSampler() throws {
        let run = try CommandRun([
            "run", model, "The capital of France is", "--raw", "--temperature", "0", "--max-tokens", "1", "--json",
            "--logit-bias", "7042=-inf", "--presence-penalty", "-0.5",
        ])
        #expect(try run.json()["tokens"] as? [Int] != [7042])
        #expect(try run.json()["counts"] as? [String: Int] == ["prompt": 5, "cached": 0, "generated": 1])
    }

    @Test func stopTextsEndTheAnswer() throws {
        let run = try CommandRun([
            "run", model, "Name three primary colors.", "--temperature", "0", "--stop", "colors", "--json",
        ])
        #expect(try run.json()["text"] as? String == "The primary ")
        #expect(try run.json()["stopText"] as? String == "colors")
    }

    @Test func aFullContextIsAnErrorUnlessItMayShift() throws {
        let arguments = [
            "run", model, "Count: 1, 2, 3,", "--raw", "--temperature", "0", "--context", "24", "--max-tokens", "40",
            "--json",
        ]
        let full = try CommandRun(arguments)
        #expect(full.status == 1 && full.error.contains("context"), "\(full.error)")
        let shifted = try CommandRun(arguments + ["--context-shift", "--keep", "2", "--ignore-eos"])
        #expect((try shifted.json()["counts"] as? [String: Int])?["generated"] == 40)
    }

    @Test func wrongUsageAndWrongFiles() throws {
        #expect(try CommandRun(["run", model, "x", "--top-p", "7"]).status == 2)
        #expect(try CommandRun(["run", model, "x", "--kv-type", "f64"]).status == 2)
        #expect(try CommandRun(["run", model, "x", "--raw", "--system", "y"]).status == 2)
        #expect(try CommandRun(["run"]).status == 2)
        let empty = try CommandRun(["run", model])
        #expect(empty.status == 1 && empty.error.contains("no prompt"))
        #expect(try CommandRun(["run", model, "x", "--template", "/no/such/file"]).status == 1)
        #expect(try CommandRun(["run", "nobody:nothing", "x"]).status == 1)
    }

    @Test func controlCStopsWith130() throws {
        let process = CommandRun.process([
            "run", model, "Once upon a time", "--raw", "--ignore-eos", "--context-shift",
        ])
        let output = Pipe()
        (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, output)
        try process.run()
        #expect(!output.fileHandleForReading.availableData.isEmpty)
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130 && process.terminationReason == .exit)
    }
}
