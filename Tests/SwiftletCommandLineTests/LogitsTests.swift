import Foundation
import Testing

@Suite struct LogitsTests {
    @Test(
        .enabled(if: TestData.hasShared),
        arguments: [
            "llama-dense", "llama-moe", "mistral3-dense", "qwen2-dense", "gemma2-dense", "gemma3-dense", "phi3-dense",
        ])
    func theFileHoldsTheReferencesLogits(name: String) throws {
        let index = try #require(TestData.json("architectures/index.json") as? [String: [String: Any]])
        let entry = try #require(index["\(name).gguf"])
        let tokens = try #require(entry["tokens"] as? [Int])
        let folder = try TemporaryFolder()
        let model = TestData.conformance("architectures/\(name).gguf").path(percentEncoded: false)
        // The reference applied the files' windows in the gemma family only.
        let window = name.hasPrefix("gemma") ? "honor" : "ignore"
        let run = try CommandRun([
            "logits", "--model", model, "--tokens", tokens.map(String.init).joined(separator: ","), "--output",
            folder.path("logits"), "--kv-type", "f32", "--sliding-window", window,
        ])
        #expect(run.status == 0, "\(run.error)")
        let ours = try Self.floats(folder.url.appending(path: "logits"))
        let reference = try Self.floats(TestData.conformance("architectures/\(name).logits.f32"))
        #expect(ours.count == reference.count)
        let error = zip(ours, reference).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
        let power = reference.reduce(0) { $0 + Double($1) * Double($1) }
        #expect(error / power < 1e-8, "NMSE \(error / power)")
    }

    @Test(.enabled(if: TestData.hasShared))
    func nothingIsLeftWhenItFails() throws {
        let folder = try TemporaryFolder()
        let model = TestData.conformance("architectures/llama-dense.gguf").path(percentEncoded: false)
        for (tokens, problem) in [("1,2,100000", "vocabulary"), ("1,x", "no token id"), (",", "no tokens")] {
            let run = try CommandRun([
                "logits", "--model", model, "--tokens=\(tokens)", "--output", folder.path("logits"),
            ])
            #expect(run.status == 1)
            #expect(run.error.contains(problem), "\(run.error)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("")) == [])
    }

    static func floats(_ url: URL) throws -> [Float] {
        let data = try Data(contentsOf: url)
        return data.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }
}
