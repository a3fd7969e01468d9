import Foundation
import SwiftletGrammars
import SwiftletGround

/// Vocabularies and small helps for tests.
enum Support {
    /// A token for each byte, then some longer ones; the last token ends the text.
    static func vocabulary(_ words: [String] = []) -> GrammarVocabulary {
        let bytes = (0...255).map { [UInt8($0)] }
        let all: [[UInt8]?] = bytes + words.map { Array($0.utf8) } + [nil]
        return GrammarVocabulary(tokenBytes: all, endTokens: [Int32(all.count - 1)])
    }

    static let byteVocabulary = vocabulary()

    static func schema(_ text: String, _ spacing: JSONSpacing = .flexible) throws -> Grammar {
        try Grammar(jsonSchema: JSONValue(parsing: text), spacing: spacing)
    }

    static func tokens(_ words: [UInt64]) -> [Int32] {
        words.indices.flatMap { word in
            (0..<64).filter { words[word] >> UInt64($0) & 1 != 0 }.map { Int32(word * 64 + $0) }
        }
    }
}

/// Small, fast and the same everywhere.
struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
