import Foundation
import Testing

@Suite(.enabled(if: TestData.hasModel && TestData.hasShared), .serialized) struct MeasuringTests {
    private let model = TestData.model ?? ""
    private let text = TestData.shared.appending(path: "corpus/calibration.txt").path(percentEncoded: false)

    @Test func perplexityAsTextAndJSON() throws {
        let plain = try CommandRun(["perplexity", model, "--file", text, "--ctx", "128", "--chunks", "2"])
        #expect(plain.status == 0 && plain.text.hasPrefix("perplexity ") && plain.lines.count == 1)
        #expect(plain.error.hasPrefix("[1]") && plain.error.contains(",[2]"))
        let run = try CommandRun(["perplexity", model, "--file", text, "--ctx", "128", "--chunks", "2", "--json"])
        let json = try run.json()
        #expect(json["scoredTokens"] as? Int == 2 * 63)
        let value = try #require((json["perplexity"] as? [String: Double])?["value"])
        #expect(plain.text.contains(String(format: "%.4f", value)))
        #expect((json["running"] as? [Double])?.last == value)
    }

    @Test func textOfStandardInput() throws {
        let words = String(repeating: "All work and no play makes Jack a dull boy. ", count: 20)
        let run = try CommandRun(
            ["perplexity", model, "--file", "-", "--ctx", "64", "--chunks", "-1", "--json"], input: words)
        #expect(run.status == 0)
        #expect(try run.json()["chunks"] as? Int == 3)
    }

    @Test func badTextsAreErrors() throws {
        for (input, problem) in [("", "empty"), ("too short", "chunks of 512")] {
            let run = try CommandRun(["perplexity", model, "--file", "-"], input: input)
            #expect(run.status == 1 && run.error.contains(problem), "\(run.error)")
        }
        let usage = try CommandRun(["perplexity", model, "--file", "-", "--ctx", "1"])
        #expect(usage.status == 2)
        let folder = try CommandRun(["perplexity", model, "--file", NSTemporaryDirectory()])
        #expect(folder.status == 1 && folder.error.contains("is a folder"), "\(folder.error)")
    }

    @Test func comparisonOfAModelWithItself() throws {
        let run = try CommandRun(["compare", model, model, "--file", text, "--ctx", "64", "--chunks", "2", "--json"])
        let models = try #require(run.json()["models"] as? [[String: Any]])
        #expect((models.first?["divergence"] as? [String: Any])?["maximum"] as? Double ?? 1 < 1e-9)
        #expect((models.first?["sameTop"] as? [String: Double])?["value"] == 1)
        let table = try CommandRun(["compare", model, model, "--file", text, "--ctx", "64", "--chunks", "1"])
        #expect(table.status == 0 && table.lines.count == 4)
        #expect(table.lines.first?.hasPrefix("model") == true)
    }

    @Test func matrixGoesOnWhereItStopped() throws {
        let folder = try TemporaryFolder()
        func collect(_ output: String, _ arguments: String...) throws -> CommandRun {
            try CommandRun(
                ["imatrix", model, "--file", text, "--ctx", "64", "--output", folder.path(output)] + arguments)
        }
        let whole = try collect("whole.gguf", "--chunks", "5")
        #expect(whole.status == 0 && whole.error.contains("[5 of 5] perplexity "), "\(whole.error)")
        let silent = try collect("parts.gguf", "--chunks", "2", "--no-ppl")
        #expect(silent.status == 0 && !silent.error.contains("perplexity"))
        let resumed = try collect("parts.gguf", "--chunks", "5", "--resume", "--json")
        #expect(try resumed.json()["chunks"] as? Int == 5)
        #expect(try resumed.json()["datasets"] as? [String] == [text])
        #expect((try resumed.json()["perplexity"] as? [String: Double])?["value"] ?? 0 > 1)
        let other = try collect("parts.gguf", "--chunks", "5", "--resume", "--ctx", "32")
        #expect(other.status == 1 && other.error.contains("chunks of 64"), "\(other.error)")

        let merged = try CommandRun([
            "imatrix", "--in-file", folder.path("whole.gguf"), "--in-file", folder.path("parts.gguf"), "--output",
            folder.path("both.dat"), "--json",
        ])
        #expect(try merged.json()["chunks"] as? Int == 10)
        #expect(try merged.json()["perplexity"] is NSNull)
        let shown = try CommandRun(["imatrix", "--in-file", folder.path("both.dat"), "--show-statistics", "--json"])
        #expect((try shown.json()["weights"] as? [Any])?.count == 210)
        #expect((try shown.json()["layers"] as? [Any])?.count == 30)
    }

    @Test func matrixNeedsAPlace() throws {
        let run = try CommandRun([
            "imatrix", model, "--file", text, "--output", "/nonexistent/folder/m.gguf", "--chunks", "1",
        ])
        #expect(run.status == 1 && run.error.contains("cannot be created"), "\(run.error)")
        #expect(try CommandRun(["imatrix", "--output", "m.gguf"]).status == 2)
        let folder = try TemporaryFolder()
        let over = try CommandRun(["imatrix", model, "--file", text, "--output", folder.path(""), "--chunks", "-1"])
        #expect(over.status == 1 && over.error.contains("is a folder"), "\(over.error)")
    }
}
