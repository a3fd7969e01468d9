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

    @Test("random texts", arguments: names + ["SmolLM2-135M-Instruct.Q4_1.gguf"])
    func random(_ name: String) throws {
        guard let tokenizer = try? Shared.tokenizer(name) else {
            #expect(name.hasPrefix("SmolLM2"), "only the model may be absent")
            return
        }
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

    static func tokenizer(_ name: String) throws -> any Tokenizer {
        let places = [folder, root.deletingLastPathComponent().appending(path: "models")]
        let url = try #require(
            places.map { $0.appending(path: name) }.first { FileManager.default.fileExists(atPath: $0.path) })
        return try TokenizerLoader.load(from: GGUFFile(url))
    }
}
