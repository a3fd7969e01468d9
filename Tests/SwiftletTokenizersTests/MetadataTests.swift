import SwiftletGround
import SwiftletTokenizers
import Testing

/// Descriptions as GGUF gives them, in memory.
struct FakeMetadata: TokenizerMetadata {
    var strings: [String: String] = [:]
    var bools: [String: Bool] = [:]
    var integers: [String: Int] = [:]
    var integerArrays: [String: [Int]] = [:]
    var floatArrays: [String: [Float]] = [:]
    var stringArrays: [String: [[UInt8]]] = [:]

    func string(_ key: String) throws(TokenizerError) -> String? { strings[key] }
    func bool(_ key: String) throws(TokenizerError) -> Bool? { bools[key] }
    func integer(_ key: String) throws(TokenizerError) -> Int? { integers[key] }
    func integers(_ key: String) throws(TokenizerError) -> [Int]? { integerArrays[key] }
    func floats(_ key: String) throws(TokenizerError) -> [Float]? { floatArrays[key] }
    func strings(_ key: String) throws(TokenizerError) -> ByteStrings? {
        stringArrays[key].map { list in
            var strings = ByteStrings()
            for item in list { strings.append(item) }
            return strings
        }
    }

    static func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    static var bytePair: Self {
        var metadata = Self()
        metadata.strings = ["tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "gpt-2"]
        metadata.stringArrays["tokenizer.ggml.tokens"] = bytes(["a", "b", "Ġ", "ab", "Ġab", "<|im_end|>"])
        metadata.integerArrays["tokenizer.ggml.token_type"] = [1, 1, 1, 1, 1, 3]
        metadata.stringArrays["tokenizer.ggml.merges"] = bytes(["a b", "Ġ ab"])
        metadata.integers["tokenizer.ggml.eos_token_id"] = 5
        return metadata
    }

    static var sentencePiece: Self {
        var metadata = Self()
        metadata.strings = ["tokenizer.ggml.model": "llama"]
        let byteTokens = (0..<256).map { "<0x" + (($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true)) + ">" }
        metadata.stringArrays["tokenizer.ggml.tokens"] = bytes(
            ["<unk>", "<s>", "</s>"] + byteTokens + ["▁", "a", "▁a"])
        metadata.integerArrays["tokenizer.ggml.token_type"] = [2, 3, 3] + [Int](repeating: 6, count: 256) + [1, 1, 1]
        metadata.floatArrays["tokenizer.ggml.scores"] = [Float](repeating: 0, count: 259) + [-1, -2, -1]
        return metadata
    }
}

struct MetadataTests {
    @Test func aSmallVocabularyWorks() throws {
        let tokenizer = try TokenizerLoader.load(from: FakeMetadata.bytePair)
        #expect(tokenizer.encode("ab abb") == [3, 4, 1])
        #expect(tokenizer.encode("a<|im_end|>", addSpecial: false, parseSpecial: true) == [0, 5])
        #expect(try tokenizer.decode([3, 4, 5]) == "ab ab")
        #expect(try tokenizer.decode([3, 5], special: true) == "ab<|im_end|>")
        #expect(tokenizer.vocabulary.isEndOfGeneration(5))
        #expect(tokenizer.vocabulary.special.endOfTurn == 5)
    }

    @Test func charactersComeWholeFromByteTokens() throws {
        let tokenizer = try TokenizerLoader.load(from: FakeMetadata.sentencePiece)
        let tokens = tokenizer.encode("a 😀a", addSpecial: true, parseSpecial: false)
        #expect(tokens.first == 1)
        var detokenizer = tokenizer.makeDetokenizer()
        let pieces = try tokens.map { try detokenizer.append($0) } + [detokenizer.finish()]
        #expect(pieces.filter { !$0.isEmpty } == ["a", " ", "😀", "a"])
        #expect(try tokenizer.decode([3 + 0xF0, 3 + 0x9F, 3 + 0x98]) == "\u{FFFD}")
        #expect(try tokenizer.decode([3 + 0xC3, 261]).unicodeScalars.elementsEqual("\u{FFFD} a".unicodeScalars))
    }

    @Test(
        "lies throw",
        arguments: [
            ("model", "missing"), ("unknown model", "unsupported"), ("pre", "unsupported"),
            ("unknown pre", "unsupported"),
            ("tokens", "missing"), ("merges", "missing"), ("merge without space", "malformed"),
            ("merge of nothing", "malformed"), ("few types", "malformed"), ("not UTF-8", "malformed"),
            ("half a character at an end", "malformed"), ("begins with nothing", "malformed"),
        ])
    func lies(_ lie: String, _ code: String) {
        var metadata = FakeMetadata.bytePair
        let prefix = "tokenizer.ggml."
        switch lie {
        case "model": metadata.strings[prefix + "model"] = nil
        case "unknown model": metadata.strings[prefix + "model"] = "rwkv"
        case "pre": metadata.strings[prefix + "pre"] = nil
        case "unknown pre": metadata.strings[prefix + "pre"] = "gpt-9"
        case "tokens": metadata.stringArrays[prefix + "tokens"] = nil
        case "merges": metadata.stringArrays[prefix + "merges"] = nil
        case "merge without space": metadata.stringArrays[prefix + "merges"] = [[0x61, 0x62]]
        case "merge of nothing": metadata.stringArrays[prefix + "merges"] = FakeMetadata.bytes(["a z"])
        case "few types": metadata.integerArrays[prefix + "token_type"] = [1]
        case "not UTF-8": metadata.stringArrays[prefix + "tokens"]?[0] = [0xFF]
        case "half a character at an end":
            metadata.stringArrays[prefix + "tokens"]?[0] = [0xC3]
            metadata.stringArrays[prefix + "tokens"]?[1] = [0xA9]
        default:
            metadata.bools[prefix + "add_bos_token"] = true
            metadata.integers[prefix + "bos_token_id"] = 1 << 40
        }
        let error = #expect(throws: TokenizerError.self) { try TokenizerLoader.load(from: metadata) }
        #expect(error?.code.name == code, "\(lie): \(error.map(String.init(describing:)) ?? "")")
    }

    @Test func scoresMustFit() {
        for scores: [Float]? in [nil, [0, 1], [Float](repeating: .nan, count: 262)] {
            var metadata = FakeMetadata.sentencePiece
            metadata.floatArrays["tokenizer.ggml.scores"] = scores
            #expect(throws: TokenizerError.self) { try TokenizerLoader.load(from: metadata) }
        }
    }
}
