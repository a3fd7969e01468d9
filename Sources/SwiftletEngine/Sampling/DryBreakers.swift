public import SwiftletTokenizers

/// The texts that end a repetition for DRY, as the token sequences in which they can appear.
///
/// A text may begin inside one token and go on in the next ones, so a breaker is a head, any token with the text's
/// beginning at its end, and a tail, the tokens of the rest; a token that holds the whole text has an empty tail.
public struct DryBreakers: Sendable, Hashable {
    private(set) var tails: [TokenID: [[TokenID]]] = [:]

    /// Longer texts count by their beginning, as in llama.cpp.
    private static let longestText = 40
    private static let longestTail = 20

    /// No breakers: repetitions reach as far as the window.
    public init() {}

    /// Breakers that are token sequences already.
    public init(sequences: [[TokenID]]) {
        for sequence in sequences where !sequence.isEmpty {
            add(tail: Array(sequence.dropFirst()), to: sequence[0])
        }
    }

    /// Finds the tokens of each text; looks at the whole vocabulary (tens of milliseconds for 150,000 tokens), so make it
    /// once for a model and a list of texts.
    /// - Parameters:
    ///   - bytes: the bytes of a token, special tokens' texts included.
    ///   - tokenize: the tokens of the end of a text, as bytes, without special tokens added.
    public init(
        _ texts: [String], vocabularySize: Int, bytes: (TokenID) -> [UInt8], tokenize: ([UInt8]) -> [TokenID]
    ) {
        let texts = texts.map { Array($0.utf8.prefix(Self.longestText)) }.filter { !$0.isEmpty }
        guard !texts.isEmpty else { return }
        // Many tokens end in the same beginning of a text, whose rest is tokenized once.
        var rests: [[UInt8]: [TokenID]] = [:]
        for token in 0..<TokenID(clamping: vocabularySize) {
            let word = bytes(token)
            for text in texts {
                for start in word.indices where word[start] == text[0] {
                    let common = min(text.count, word.count - start)
                    guard word[start..<start + common].elementsEqual(text[..<common]) else { continue }
                    if common == text.count {
                        add(tail: [], to: token)
                        break
                    }
                    let rest = Array(text[common...])
                    let tail = rests[rest] ?? Array(tokenize(rest).prefix(Self.longestTail))
                    rests[rest] = tail
                    // A rest without tokens would make every head a breaker of its own.
                    if !tail.isEmpty { add(tail: tail, to: token) }
                }
            }
        }
    }

    private mutating func add(tail: [TokenID], to head: TokenID) {
        if tails[head]?.contains(tail) != true { tails[head, default: []].append(tail) }
    }
}
