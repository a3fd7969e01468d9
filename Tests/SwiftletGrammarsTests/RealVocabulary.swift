import Foundation
import SwiftletGrammars
import SwiftletModelFiles
import SwiftletModels
import SwiftletTokenizers

/// Vocabularies of real models, from `../shared/conformance/tokenizers` and the test model.
struct RealVocabulary: Sendable {
    let tokenizer: any Tokenizer
    let vocabulary: GrammarVocabulary
    let ends: Set<Int32>
    /// Tokens that begin with what ends or separates parts of JSON.
    let isStructure: [Bool]

    static let shared: URL = {
        if let path = ProcessInfo.processInfo.environment["SWIFTLET_SHARED"] { return URL(fileURLWithPath: path) }
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appending(path: "shared")
    }()
    static let qwenFile = shared.appending(path: "conformance/tokenizers/ggml-vocab-qwen2.gguf")
    static let llamaFile = shared.appending(path: "conformance/tokenizers/ggml-vocab-llama-spm.gguf")
    static let isThere = FileManager.default.fileExists(atPath: qwenFile.path)
    static let qwen = Result { try RealVocabulary(qwenFile) }
    /// `SWIFTLET_TEST_MODEL`: SmolLM2-135M-Instruct.
    static let model = ProcessInfo.processInfo.environment["SWIFTLET_TEST_MODEL"].map { URL(filePath: $0) }

    init(_ file: URL) throws {
        tokenizer = try TokenizerLoader.load(from: GGUFFile(file))
        let vocabulary = tokenizer.vocabulary
        var bytes: [[UInt8]?] = []
        for token in 0..<Int32(vocabulary.count) {
            let plain = try Array(tokenizer.bytes(of: token, special: false))
            bytes.append(plain.isEmpty ? nil : plain)
        }
        isStructure = bytes.map { $0?.first.map { "\"}],0".utf8.contains($0) } ?? false }
        let ends = vocabulary.endOfGeneration.isEmpty ? [Int32(vocabulary.count - 1)] : vocabulary.endOfGeneration
        self.vocabulary = GrammarVocabulary(tokenBytes: bytes, endTokens: ends)
        self.ends = ends
    }
}
