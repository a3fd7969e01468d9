import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import SwiftletTokenizers
import Testing

/// Files whose vocabulary is missing or does not fit: the model opens, since its logits need none, and asking for the
/// tokenizer is an error that names the key and says what to do.
@Suite struct BadVocabularyTests {
    @Test func aMissingVocabularyIsAnError() throws {
        for value: GGUFValue? in [nil, .string("none"), .string("no_vocab")] {
            var model = SmallModel()
            model.metadata["tokenizer.ggml.model"] = value
            let opened = try model.open()
            let error = #expect(throws: TokenizerError.self) { try opened.tokenizer }
            #expect(error?.code == .missing)
            #expect(error?.place == "key tokenizer.ggml.model")
            #expect(error?.advice != nil)
        }
    }

    @Test(arguments: ["tokens", "merges", "pre"])
    func aMissingPartIsNamed(key: String) throws {
        var model = SmallModel()
        model.metadata["tokenizer.ggml." + key] = nil
        let opened = try model.open()
        let error = #expect(throws: TokenizerError.self) { try opened.tokenizer }
        #expect(error?.place == "key tokenizer.ggml." + key)
        #expect(error?.advice != nil)
    }

    @Test(arguments: ["model", "pre", "tokens", "merges", "token_type", "bos_token_id", "add_bos_token"])
    func aWrongTypeIsNamed(key: String) throws {
        var model = SmallModel()
        model.metadata["tokenizer.ggml." + key] = .float32(1)
        let opened = try model.open()
        let error = #expect(throws: TokenizerError.self) { try opened.tokenizer }
        #expect(error?.place == "key tokenizer.ggml." + key)
    }

    @Test func aVocabularyLargerThanTheEmbeddingIsAnError() throws {
        var model = SmallModel()
        model.metadata["tokenizer.ggml.tokens"] = .array((0..<17).map { String(UnicodeScalar(0x61 + UInt8($0))) })
        let opened = try model.open()
        let error = #expect(throws: ModelError.self) { try opened.tokenizer }
        #expect(error?.code == .configuration)
        #expect(error?.place == "tokenizer.ggml.tokens")
        #expect(error?.problem.contains("17") == true)
        #expect(error?.advice != nil)
    }

    /// Embeddings may be padded: there are then tokens without a text.
    @Test func aSmallerVocabularyIsRead() throws {
        var model = SmallModel()
        model.metadata["tokenizer.ggml.tokens"] = .array(["a", "b"])
        let opened = try model.open()
        #expect(try opened.tokenizer.encode("ba") == [1, 0])
        #expect(throws: TokenizerError.self) { try opened.tokenizer.decode([2]) }
    }
}
