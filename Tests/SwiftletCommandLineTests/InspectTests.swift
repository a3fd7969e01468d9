import Foundation
import Testing

@Suite struct InspectTests {
    @Test(.enabled(if: TestData.hasModel))
    func jsonHasMetadataTensorsAndTotals() throws {
        let json = try CommandRun(["inspect", try #require(TestData.model), "--json"]).json()
        let metadata = try #require(json["metadata"] as? [String: Any])
        #expect(metadata["general.architecture"] as? String == "llama")
        #expect((metadata["tokenizer.ggml.tokens"] as? [String])?.count == 49152)
        let tensors = try #require(json["tensors"] as? [[String: Any]])
        #expect(tensors.count == 272)
        let first = tensors[0]
        #expect(first["name"] as? String == "token_embd.weight" && first["type"] as? String == "Q8_0")
        #expect(first["shape"] as? [Int] == [576, 49152] && first["bytes"] as? Int == 49152 * 576 / 32 * 34)
        let size = try FileManager.default.attributesOfItem(atPath: try #require(TestData.model))[.size] as? Int
        let last = try #require(tensors.max { ($0["fileOffset"] as? Int ?? 0) < ($1["fileOffset"] as? Int ?? 0) })
        #expect(try #require(last["fileOffset"] as? Int) + #require(last["bytes"] as? Int) <= #require(size))
        let totals = try #require(json["totals"] as? [String: Any])
        #expect(totals["parameters"] as? Int == 134_515_008)
        #expect(totals["bytes"] as? Int == tensors.reduce(0) { $0 + ($1["bytes"] as? Int ?? 0) })
    }

    @Test(.enabled(if: TestData.hasModel))
    func longArraysAreShortenedWhenAsked() throws {
        let run = try CommandRun(["inspect", try #require(TestData.model), "--json", "--limit", "2"])
        let metadata = try #require(run.json()["metadata"] as? [String: Any])
        let tokens = try #require(metadata["tokenizer.ggml.tokens"] as? [String: Any])
        #expect(tokens["count"] as? Int == 49152 && (tokens["first"] as? [String])?.count == 2)
    }

    @Test(.enabled(if: TestData.hasModel))
    func aReaderThatGoesAwayIsNoError() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        let command = "\"$0\" inspect \"$1\" --json | head -n 1"
        process.arguments = [
            "-c", command, CommandRun.executable.path(percentEncoded: false), try #require(TestData.model),
        ]
        let (output, error) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, error)
        try process.run()
        #expect(output.fileHandleForReading.readDataToEndOfFile() == Data("{\n".utf8))
        #expect(error.fileHandleForReading.readDataToEndOfFile().isEmpty)
        process.waitUntilExit()
    }

    @Test func safetensorsShowOutermostFirst() throws {
        let folder = try TemporaryFolder()
        let header = #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}"#
        var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
        bytes += Data(header.utf8) + Data(count: 24)
        try bytes.write(to: folder.url.appending(path: "model.safetensors"))
        for path in [folder.path("model.safetensors"), folder.path("")] {
            let json = try CommandRun(["inspect", path, "--json"]).json()
            let tensor = try #require((json["tensors"] as? [[String: Any]])?.first)
            #expect(tensor["shape"] as? [Int] == [2, 3] && tensor["bytes"] as? Int == 24)
            #expect(tensor["fileOffset"] as? Int == 8 + header.utf8.count)
        }
    }

    @Test func whatIsNoModelIsAnError() throws {
        let folder = try TemporaryFolder()
        let run = try CommandRun(["inspect", try folder.write("no model", to: "x.gguf")])
        #expect(run.status == 1)
        #expect(run.error.hasPrefix("swiftlet: error: ") && run.error.contains("x.gguf"), "\(run.error)")
        #expect(try CommandRun(["inspect", "./missing.gguf"]).status == 1)
        #expect(try CommandRun(["inspect", "no-such-model"]).status == 1)
        #expect(try CommandRun(["inspect"]).status == 2)
    }
}
