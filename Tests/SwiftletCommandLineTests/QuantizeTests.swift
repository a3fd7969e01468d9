import Foundation
import Testing

@Suite(.enabled(if: TestData.hasModel)) struct QuantizeTests {
    let folder: TemporaryFolder
    let model: String

    init() throws {
        folder = try TemporaryFolder()
        model = try #require(TestData.model)
    }

    private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path(""))) ?? [] }

    @Test func writesAndVerifies() throws {
        let output = folder.path("small.gguf")
        let run = try CommandRun(["quantize", "--allow-requantize", "--verify", "--json", model, output, "q4_k_s"])
        #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
        let json = try run.json()
        #expect(json["type"] as? String == "Q4_K_S")
        #expect(json["output"] as? [String] == [output])
        let tensors = try #require(json["tensors"] as? [[String: Any]])
        #expect(tensors.count == 272)
        #expect(tensors.first { $0["name"] as? String == "blk.0.attn_q.weight" }?["insteadOf"] as? String == "Q4_K")
        let accuracy = try #require(json["accuracy"] as? [[String: Any]])
        #expect(accuracy.count == 272 && accuracy.contains { ($0["snr"] as? Double ?? 0) > 20 })
        let size = try FileManager.default.attributesOfItem(atPath: output)[.size] as? Int
        #expect(try #require(json["bytes"] as? Int) < #require(size))
        #expect(names == ["small.gguf"])
    }

    @Test func dryRunWritesNothing() throws {
        let run = try CommandRun([
            "quantize", "--dry-run", "--allow-requantize", model, folder.path("x.gguf"), "IQ2_XS",
        ])
        #expect(run.status == 0)
        #expect(run.lines.count == 276 && run.text.contains("needs an importance matrix"))
        #expect(names.isEmpty)
        let all = try CommandRun(["quantize", "--all", "--dry-run", "--allow-requantize", "--json", model])
        let ladder = try #require(JSONSerialization.jsonObject(with: all.output) as? [[String: Any]])
        #expect(ladder.count == 13)
        let bytes = ladder.compactMap { $0["bytes"] as? Int }
        #expect(bytes == bytes.sorted(by: >) || bytes[0] == bytes.max())
    }

    @Test func backToSixteenBits() throws {
        let output = folder.path("f16.gguf")
        let run = try CommandRun(["dequantize", model, output])
        #expect(run.status == 0 && run.text.hasPrefix("F16: "), "\(run.error)")
        #expect(try FileManager.default.attributesOfItem(atPath: output)[.size] as? Int == 270_885_952)
    }

    @Test func modelsOfTheLibraryGetTags() throws {
        let library = folder.path("library/manifests")
        func run(_ arguments: String...) throws -> CommandRun {
            try CommandRun(["quantize", "--allow-requantize"] + arguments, home: folder.url)
        }
        #expect(try run(model, "tiny:base-q8_0", "Q8_0").status == 0)
        let second = try run("tiny", "Q4_0")
        #expect(second.status == 0 && second.text.contains("tiny:base-q4_0"), "\(second.error)")
        let itself = try run("--replace", "tiny:base-q8_0", "tiny:base-q8_0", "Q4_0")
        #expect(itself.status == 1 && itself.error.contains("is the model that is read"), "\(itself.error)")
        let third = try run("--replace", "tiny:base-q8_0", "Q5_0")
        #expect(third.status == 0 && third.text.hasSuffix("removed tiny:base-q8_0\n"), "\(third.error)")
        let tags = try FileManager.default.contentsOfDirectory(atPath: library + "/tiny").sorted()
        #expect(tags == ["base-q4_0.json", "base-q5_0.json"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("library/blobs")).count == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("library/stages")).isEmpty)
    }

    @Test(arguments: [SIGINT, SIGTERM]) func interruption(by signal: Int32) throws {
        let output = folder.path("x.gguf")
        // Slow enough to be met under way.
        let process = CommandRun.process(["quantize", "--allow-requantize", "--threads", "1", model, output, "IQ3_S"])
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning, !names.contains(where: { $0.hasSuffix(".partial") }) { usleep(1000) }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(names.isEmpty)
    }

    @Test func fullDisk() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c", #"ulimit -f 2000; exec "$0" quantize --allow-requantize "$1" "$2" Q4_0"#,
            CommandRun.executable.path(percentEncoded: false), model, folder.path("x.gguf"),
        ]
        let error = Pipe()
        process.standardError = error
        try process.run()
        let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 1 && text.hasPrefix("swiftlet: error: "), "\(text)")
        #expect(names.isEmpty)
    }

    @Test func badInput() throws {
        let copy = folder.path("a.gguf")
        try FileManager.default.copyItem(atPath: model, toPath: copy)
        for (arguments, status, part) in [
            ([copy, copy, "Q4_0", "--allow-requantize"], 1, "is the file that is read"),
            ([copy, folder.path("b.gguf"), "Q4_0"], 1, "--allow-requantize"),
            ([copy, folder.path("b.gguf"), "Q9"], 2, "is no file type"),
            ([copy], 2, "TYPE"),
            ([copy, folder.path("b.gguf"), "Q4_0", "--tensor-type", "x=q9"], 2, "is no type"),
            ([copy, folder.path("b.gguf"), "Q4_0", "--imatrix", copy], 1, "importance matrix"),
            ([copy, folder.path("no/b.gguf"), "Q4_0", "--allow-requantize"], 1, "cannot be created"),
        ] as [([String], Int32, String)] {
            let run = try CommandRun(["quantize"] + arguments)
            #expect(run.status == status && run.error.contains(part), "\(arguments): \(run.status) \(run.error)")
        }
        #expect(names == ["a.gguf"])
    }
}
