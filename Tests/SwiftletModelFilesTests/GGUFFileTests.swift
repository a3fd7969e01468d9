import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletTensors
import Testing

@Suite(.enabled(if: SharedData.isPresent))
struct GGUFFileTests {
    @Test func readsEveryConformanceFile() throws {
        let urls = SharedData.ggufFiles(in: "architectures", "tokenizers", "files")
        #expect(urls.count > 40)
        for url in urls {
            let file = try GGUFFile(url)
            #expect(file.version == 3)
            for tensor in file.tensors {
                let view = try #require(file.tensor(named: tensor.name))
                #expect(view.bytes.count == tensor.byteCount)
                #expect(view.elementCount == tensor.dimensions.reduce(1, *))
            }
        }
    }

    @Test func aWeightIsOutputsByInputs() throws {
        let file = try GGUFFile(SharedData.folder.appending(path: "conformance/architectures/llama-dense.gguf"))
        let metadata = file.metadata
        #expect(try metadata.string("general.architecture") == "llama")
        let width = try metadata.integer("llama.embedding_length")
        let hidden = try metadata.integer("llama.feed_forward_length")
        let down = try #require(file.tensor(named: "blk.0.ffn_down.weight"))
        #expect(down.shape == [width, hidden])
        #expect(file.tensor(named: "blk.0.ffn_down") == nil)
    }

    @Test func readsAVocabularyQuickly() throws {
        let url = SharedData.folder.appending(path: "conformance/tokenizers/ggml-vocab-qwen2.gguf")
        var file = try GGUFFile(url)
        // The best of some, since other processes may hold the cores; far less in an optimized build.
        let durations = try (0..<5).map { _ in try ContinuousClock().measure { file = try GGUFFile(url) } }
        #expect(durations.min() ?? .zero < .milliseconds(200))
        let tokens = try file.metadata.byteStrings("tokenizer.ggml.tokens")
        #expect(tokens.count > 150_000)
        #expect(try file.metadata.integers("tokenizer.ggml.token_type").count == tokens.count)
        #expect(try file.metadata.strings("tokenizer.ggml.merges").count > 100_000)
    }
}
