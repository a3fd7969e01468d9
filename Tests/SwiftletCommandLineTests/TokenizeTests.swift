import Foundation
import SwiftletGround
import Testing

@Suite struct TokenizeTests {
    @Test(
        .enabled(if: TestData.hasShared),
        arguments: ["bert-bge", "gpt-2", "llama-bpe", "llama-spm", "phi-3", "qwen2"])
    func linesGiveTheReferencesIds(vocabulary: String) throws {
        let file = "ggml-vocab-\(vocabulary).gguf"
        // Foundation's JSON drops some characters (U+FEFF), so ours reads what ours wrote.
        let all = try JSONValue(parsing: Data(contentsOf: TestData.conformance("tokenizers/random.json")))
        let cases = try #require(all[file]?.array)
        let model = TestData.conformance("tokenizers/\(file)").path(percentEncoded: false)
        let texts = cases.map { "\($0[0] ?? .null)\n" }.joined()
        for (flags, column) in [([], 1), (["--parse-special"], 2)] {
            let run = try CommandRun(["tokenize", "--model", model, "--jsonl"] + flags, input: texts)
            #expect(run.status == 0, "\(run.error)")
            #expect(run.lines.map(String.init) == cases.map { "\($0[column] ?? .null)" })
        }
        let ids = cases.map { "\($0[2] ?? .null)\n" }.joined()
        let run = try CommandRun(["detokenize", "--model", model, "--jsonl", "--special"], input: ids)
        #expect(run.status == 0, "\(run.error)")
        let decoded = try run.output.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: $0) }
        #expect(decoded == cases.map { $0[3] ?? .null })
    }

    @Test(.enabled(if: TestData.hasModel))
    func humanForms() throws {
        let model = try #require(TestData.model)
        #expect(try CommandRun(["tokenize", "--model", model, "Hello world"]).text == "19556 905\n")
        #expect(try CommandRun(["tokenize", "--model", model], input: "Hello world").text == "19556 905\n")
        #expect(
            try CommandRun(["tokenize", "--model", model, "--pieces", "Hello world"]).text
                == "19556  \"Hello\"\n  905  \" world\"\n")
        #expect(try CommandRun(["detokenize", "--model", model, "19556", "905"]).text == "Hello world")
        #expect(try CommandRun(["detokenize", "--model", model], input: "[19556, 905]").text == "Hello world")
    }

    @Test(.enabled(if: TestData.hasModel))
    func aBadLineIsNamedAndTheLinesBeforeItAreAnswered() throws {
        let model = try #require(TestData.model)
        let run = try CommandRun(["tokenize", "--model", model, "--jsonl"], input: "\"Hello world\"\n{\n\"x\"\n")
        #expect(run.status == 1)
        #expect(run.text == "[19556,905]\n")
        #expect(run.error.hasPrefix("swiftlet: error: standard input, line 2"), "\(run.error)")
        let number = try CommandRun(["tokenize", "--model", model, "--jsonl"], input: "3\n")
        #expect(number.error == "swiftlet: error: standard input, line 1: is no JSON string\n")
        let ids = try CommandRun(["detokenize", "--model", model, "--jsonl"], input: "[1]\n[99999999]\n")
        #expect(ids.status == 1 && ids.error.contains("line 2"), "\(ids.error)")
    }

    @Test(.enabled(if: TestData.hasModel))
    func aLineIsAnsweredBeforeTheNextComes() throws {
        let process = CommandRun.process(["tokenize", "--model", try #require(TestData.model), "--jsonl"])
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        for _ in 0..<3 {
            try input.fileHandleForWriting.write(contentsOf: Data("\"Hello world\"\n".utf8))
            #expect(output.fileHandleForReading.availableData == Data("[19556,905]\n".utf8))
        }
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
