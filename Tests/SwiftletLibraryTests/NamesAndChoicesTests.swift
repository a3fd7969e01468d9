import Foundation
import SwiftletGround
import SwiftletLibrary
import Testing

@Suite struct ModelSourceTests {
    @Test(arguments: [
        "hf:owner/repo", "hf:owner/repo:file.gguf", "hf:owner/repo@v1:folder/file.gguf", "https://host/a/b.gguf",
        "pypi:name", "pypi:name==1.0#a/b.gguf", "pypi:name==1.0#folder/", "pypi:a==1#x,b==1#y", "/tmp/model.gguf",
        "http://127.0.0.1:8080/a.gguf", "http://localhost/a.gguf",
    ])
    func keepsItsText(text: String) throws {
        #expect(try ModelSource(text).description == text)
    }

    @Test(arguments: [
        "hf:", "hf:owner", "hf:owner/repo/more", "hf:owner/repo:../x", "hf:owner/repo:/etc/passwd", "hf:../repo",
        "hf:owner/repo@../..:x.gguf", "http://example.com/a.gguf", "https://user:secret@host/a.gguf", "https://",
        "ftp://host/a", "pypi:", "pypi:--index-url", "pypi:a b", "pypi:name>=1", "pypi:name==", "pypi:name==1#../x",
        "pypi:name==1#/x", "pypi:name @ https://host/x.whl", "pypi:a,,b", "name", "http://127.0.0.1.evil.com/a.gguf",
    ])
    func refusesOthers(text: String) {
        let error = #expect(throws: LibraryError.self) { try ModelSource(text) }
        #expect(error?.code == .source)
        #expect(error?.description.contains("secret") == false)
    }
}

@Suite struct QuantizationTests {
    @Test(arguments: [
        ("SmolLM2-135M-Instruct-Q4_K_M.gguf", "Q4_K_M"), ("tinyllama.Q4_0.gguf", "Q4_0"),
        ("qwen-q8_0-00001-of-00002.gguf", "Q8_0"),
        ("gemma-3-1b-it-f16.gguf", "F16"), ("model-fp16.gguf", "F16"), ("m-BF16.gguf", "BF16"),
        ("x-IQ4_XS.gguf", "IQ4_XS"),
        ("x-UD-Q4_K_XL.gguf", nil), ("phi-3-mini-4k-instruct-q4.gguf", nil), ("F16sensor.gguf", nil), ("", nil),
    ])
    func findsLabels(name: String, label: String?) {
        #expect(Quantization.label(in: name) == label)
    }

    private func choose(_ names: [String], _ wanted: String? = nil) throws -> [String] {
        let list = names.map { "{\"rfilename\": \"\($0)\"}" }.joined(separator: ",")
        let listing = try JSONDecoder().decode(HubListing.self, from: Data("{\"siblings\": [\(list)]}".utf8))
        return listing.choose(quantization: wanted).map(\.rfilename)
    }

    @Test func choosesTheMiddleOfWhatIsThere() throws {
        let files = ["README.md", "m-Q2_K.gguf", "m-Q8_0.gguf", "m-Q4_K_M.gguf", "mmproj-m-f16.gguf", "imatrix.gguf"]
        #expect(try choose(files) == ["m-Q4_K_M.gguf"])
        #expect(try choose(files, "Q8_0") == ["m-Q8_0.gguf"])
        #expect(try choose(files, "Q6_K") == [])
        #expect(try choose(["m-Q8_0.gguf", "m-f16.gguf"]) == ["m-Q8_0.gguf"])
    }

    @Test func takesAllShards() throws {
        let shards = (1...3).map { "m-q4_k_m-0000\($0)-of-00003.gguf" }
        // Half a model is none.
        #expect(try choose(["m-q4_k_m-00001-of-00002.gguf"]) == [])
        #expect(try choose(shards.reversed() + ["m-q2_k.gguf"]) == shards)
    }

    @Test func takesACheckpointWithoutGGUF() throws {
        let files = [
            "config.json", "model.safetensors", "tokenizer.json", "onnx/model.onnx", "1_Pooling/config.json",
            ".git/x.json",
        ]
        #expect(try choose(files) == ["config.json", "model.safetensors", "tokenizer.json", "1_Pooling/config.json"])
        #expect(try choose(["README.md"]) == [])
        #expect(try choose(["../../m-Q4_0.gguf", "/m-Q4_0.gguf"]) == [])
    }
}

@Suite struct MemoryPlanTests {
    @Test func addsWeightsCacheAndWork() {
        // SmolLM2-135M: 30 layers x 3 KV heads x (64 + 64) = 11,520 numbers, 23,040 bytes a token.
        let plan = MemoryPlan(
            weightBytes: 98_362_432, cacheNumbersPerToken: 11_520, context: 2048, availableBytes: 1 << 30)
        #expect(plan.neededBytes == 98_362_432 + 23_040 * 2048 + MemoryPlan.workingBytes)
        #expect(plan.verdict == .fits)
        #expect(plan.longestContext == ((1 << 30) - 98_362_432 - MemoryPlan.workingBytes) / 23_040)
    }

    @Test func judges() {
        func verdict(_ available: Int) -> MemoryPlan.Verdict {
            MemoryPlan(weightBytes: 1 << 30, cacheNumbersPerToken: 0, context: 0, availableBytes: available).verdict
        }
        let needed = (1 << 30) + MemoryPlan.workingBytes
        #expect(verdict(needed - 1) == .tooLarge)
        #expect(verdict(needed) == .tight)
        #expect(verdict(needed * 2) == .fits)
    }

    @Test func survivesLyingHeaders() {
        let plan = MemoryPlan(weightBytes: .max, cacheNumbersPerToken: .max, context: .max, availableBytes: 1)
        #expect(plan.neededBytes == .max)
        #expect(plan.verdict == .tooLarge)
        #expect(plan.longestContext == 0)
    }

    @Test func readsTheContainersLimit() {
        let files = [
            "/sys/fs/cgroup/memory.max": "1000000\n", "/sys/fs/cgroup/memory.current": "600000\n",
            "/sys/fs/cgroup/memory.stat": "anon 1\ninactive_file 100000\n",
        ]
        #expect(MachineMemory.controlGroupBytes { files[$0] } == 500_000)
        #expect(MachineMemory.controlGroupBytes { $0.hasSuffix(".max") ? "max\n" : nil } == nil)
        #expect(MachineMemory.availableBytes > 0)
    }
}
