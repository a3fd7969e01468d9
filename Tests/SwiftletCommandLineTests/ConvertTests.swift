import Foundation
import Testing

/// `convert`, `export`, `merge-adapter` and `embed` as other programs and people use them.
@Suite struct ConvertTests {
    @Test(.enabled(if: TestData.hasShared), arguments: ["llama-moe", "phi3-dense"], ["5GB", "50KB"])
    func aCheckpointAndBackComputesTheSame(name: String, size: String) throws {
        let folder = try TemporaryFolder()
        let model = TestData.conformance("architectures/\(name).gguf").path(percentEncoded: false)
        let export = try CommandRun([
            "export", model, "--output", folder.path("hf"), "--without-tokenizer", "--max-shard-size", size,
        ])
        #expect(export.status == 0 && export.error.hasSuffix("tensors in \(folder.path("hf"))\n"), "\(export.error)")
        let index = folder.path("hf/model.safetensors.index.json")
        #expect(FileManager.default.fileExists(atPath: index) == (size == "50KB"))
        let convert = try CommandRun([
            "convert", folder.path("hf"), "--output", folder.path("model.gguf"), "--type", "f32", "--without-tokenizer",
        ])
        #expect(convert.status == 0, "\(convert.error)")
        for (source, output) in [(model, "one"), (folder.path("model.gguf"), "other")] {
            let run = try CommandRun([
                "logits", "--model", source, "--tokens", "1,2,3,4,5,6", "--output", folder.path(output), "--kv-type",
                "f32", "--sliding-window", "ignore",
            ])
            #expect(run.status == 0, "\(run.error)")
        }
        #expect(
            try Data(contentsOf: folder.url.appending(path: "one"))
                == Data(contentsOf: folder.url.appending(path: "other")))
    }

    @Test(.enabled(if: TestData.hasShared))
    func convertsAndQuantizesInOnePass() throws {
        let folder = try TemporaryFolder()
        let model = TestData.conformance("architectures/llama-dense.gguf").path(percentEncoded: false)
        #expect(try CommandRun(["export", model, "-o", folder.path("hf"), "--without-tokenizer"]).status == 0)
        let one = try CommandRun([
            "convert", folder.path("hf"), "-o", folder.path("q.gguf"), "--type", "q8_0", "--without-tokenizer",
        ])
        #expect(one.status == 0, "\(one.error)")
        let file = try CommandRun(["inspect", folder.path("q.gguf"), "--json"]).json()
        let tensors = try #require(file["tensors"] as? [[String: Any]])
        #expect(tensors.contains { $0["name"] as? String == "blk.0.ffn_up.weight" && $0["type"] as? String == "Q8_0" })
    }

    @Test func saysWhatIsWrong() throws {
        let folder = try TemporaryFolder()
        for (arguments, status, problem) in [
            (["convert", folder.path("nothing"), "-o", folder.path("x.gguf")], 1, "config.json"),
            (["convert", folder.path("nothing"), "-o", folder.path("x.gguf"), "--type", "q9"], 2, "q9"),
            (["convert", folder.path("nothing"), "-o", folder.path("x.gguf"), "--base", "y"], 2, "--base"),
            (["export", folder.path("x.gguf"), "-o", folder.path("hf")], 1, "x.gguf"),
            (["export", folder.path("x.gguf"), "-o", folder.path("hf"), "--max-shard-size", "5XB"], 2, "5XB"),
            (
                ["export", folder.path("x.gguf"), "-o", folder.path("hf"), "--max-shard-size", "0"], 2,
                "--max-shard-size"
            ),
            (
                ["merge-adapter", folder.path("x.gguf"), folder.path("y.gguf"), "-o", folder.path("z.gguf")], 1,
                "x.gguf"
            ),
            (["embed", folder.path("x.gguf"), "text"], 1, "x.gguf"), (["embed", folder.path("x.gguf")], 2, "--file"),
        ] as [([String], Int32, String)] {
            let run = try CommandRun(arguments)
            #expect(run.status == status && run.error.contains(problem), "\(arguments): \(run.error)")
            #expect(run.output.isEmpty)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    /// `SWIFTLET_TEST_MINILM`: the checkpoint of all-MiniLM-L6-v2, unpacked.
    static let miniLM = ProcessInfo.processInfo.environment["SWIFTLET_TEST_MINILM"]

    @Test(.enabled(if: TestData.hasShared && miniLM != nil))
    func embedsAsSentenceTransformersDo() throws {
        let folder = try TemporaryFolder()
        let convert = try CommandRun([
            "convert", try #require(Self.miniLM), "--output", folder.path("minilm.gguf"), "--type", "f32",
        ])
        #expect(convert.status == 0, "\(convert.error)")
        let direct = try CommandRun(["embed", try #require(Self.miniLM), "text"])
        #expect(direct.status == 1 && direct.error.contains("swiftlet convert"), "\(direct.error)")
        let cases = try #require(TestData.json("embeddings/all-minilm-l6-v2.json") as? [[String: Any]])
        let texts = cases.compactMap { $0["text"] as? String }
        let run = try CommandRun(["embed", folder.path("minilm.gguf"), "--json"] + texts)
        #expect(run.status == 0, "\(run.error)")
        let vectors = try #require(run.json()["embeddings"] as? [[Double]])
        try #require(vectors.count == cases.count)
        for (vector, one) in zip(vectors, cases) {
            let expected = try #require(one["embedding"] as? [Double])
            let dot = zip(vector, expected).reduce(0) { $0 + $1.0 * $1.1 }
            let lengths = vector.reduce(0) { $0 + $1 * $1 } * expected.reduce(0) { $0 + $1 * $1 }
            #expect(dot / lengths.squareRoot() > 0.999999)
        }
        // A file of texts, a line each.
        let file = try CommandRun(
            ["embed", folder.path("minilm.gguf"), "--file", "-", "--json"], input: "I love pasta\n")
        #expect(try (file.json()["embeddings"] as? [[Double]])?.first == vectors[2])
    }
}
