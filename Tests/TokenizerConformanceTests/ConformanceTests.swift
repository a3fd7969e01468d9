import Foundation
import SwiftletGround
import SwiftletModelFiles
import SwiftletModels
import SwiftletTokenizers
import Testing

/// Ids and texts equal to the reference engine's (llama.cpp 0.5.0), from `../shared/conformance/tokenizers`.
@Suite(.enabled(if: Shared.exists))
struct ConformanceTests {
    static let names = ["bert-bge", "gpt-2", "llama-bpe", "llama-spm", "phi-3", "qwen2"].map { "ggml-vocab-\($0).gguf" }

    @Test("the reference's own test texts", arguments: names)
    func listed(_ name: String) throws {
        let tokenizer = try Shared.tokenizer(name)
        let texts = try String(contentsOf: Shared.folder.appending(path: "\(name).inp"), encoding: .utf8)
            .components(separatedBy: "\n__ggml_vocab_test__\n")
        let lines = try String(contentsOf: Shared.folder.appending(path: "\(name).out"), encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
        for (text, line) in zip(texts, lines) {
            let expected = line.split(separator: " ").compactMap { TokenID($0) }
            #expect(tokenizer.encode(text) == expected, "\(text.debugDescription)")
        }
    }

    @Test("random texts", arguments: names)
    func random(_ name: String) throws {
        try compare(Shared.tokenizer(name), randomTexts: name)
    }

    @Test("random texts, a model's own file", .enabled(if: Shared.model != nil))
    func randomOfTheTestModel() throws {
        let model = try #require(Shared.model)
        try compare(TokenizerLoader.load(from: GGUFFile(model)), randomTexts: "SmolLM2-135M-Instruct.Q4_1.gguf")
    }

    private func compare(_ tokenizer: any Tokenizer, randomTexts name: String) throws {
        let all = try JSONValue(parsing: Data(contentsOf: Shared.folder.appending(path: "random.json")))
        let cases = try #require(all[name]?.array)
        #expect(cases.count >= 400)
        for item in cases {
            let text = try #require(item[0]?.string)
            let plain = item[1]?.array?.compactMap(\.integer).map(TokenID.init)
            let parsed = item[2]?.array?.compactMap(\.integer).map(TokenID.init)
            #expect(tokenizer.encode(text) == plain, "\(text.debugDescription)")
            #expect(tokenizer.encode(text, addSpecial: false, parseSpecial: true) == parsed, "\(text.debugDescription)")
            let decoded = try tokenizer.decode(parsed ?? [], special: true)
            #expect(
                decoded.utf8.elementsEqual((item[3]?.string ?? "").utf8),
                "\(text.debugDescription) \(decoded.debugDescription)")
        }
    }
}

enum Shared {
    static let root: URL = {
        if let path = ProcessInfo.processInfo.environment["SWIFTLET_SHARED"] { return URL(fileURLWithPath: path) }
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appending(path: "shared")
    }()
    static let folder = root.appending(path: "conformance/tokenizers")
    static let exists = FileManager.default.fileExists(atPath: folder.path)

    /// `SWIFTLET_TEST_MODEL`: SmolLM2-135M-Instruct, as `make test` pulls it.
    static let model = ProcessInfo.processInfo.environment["SWIFTLET_TEST_MODEL"].map { URL(filePath: $0) }

    static func tokenizer(_ name: String) throws -> any Tokenizer {
        try TokenizerLoader.load(from: GGUFFile(folder.appending(path: name)))
    }
}
