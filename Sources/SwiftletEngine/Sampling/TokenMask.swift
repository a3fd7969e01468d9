public import SwiftletTokenizers

/// The tokens that a grammar allows, one bit a token; what is past its end is forbidden.
public struct TokenMask: Sendable, Hashable {
    /// Token t is bit `t % 64` of word `t / 64`.
    public var words: [UInt64]

    /// A mask that forbids every token of the vocabulary.
    public init(vocabularySize: Int) {
        words = [UInt64](repeating: 0, count: (max(vocabularySize, 0) + 63) / 64)
    }

    /// Whether a token is allowed; setting a token past the end has no effect.
    public subscript(token: TokenID) -> Bool {
        get {
            let word = Int(token) >> 6
            return words.indices.contains(word) && words[word] >> UInt64(token & 63) & 1 == 1
        }
        set {
            let word = Int(token) >> 6
            guard words.indices.contains(word) else { return }
            let bit = UInt64(1) << UInt64(token & 63)
            if newValue { words[word] |= bit } else { words[word] &= ~bit }
        }
    }
}

extension Candidates {
    /// Makes every token that the mask does not allow impossible; the candidates are still the whole vocabulary.
    func forbid(allExcept mask: TokenMask) {
        precondition(!isSparse, "a mask is for the whole vocabulary")
        mask.words.withUnsafeBufferPointer { words in
            var start = 0
            while start < count {
                let end = min(start + 64, count)
                let word = start >> 6 < words.count ? words[start >> 6] : 0
                if word != .max {
                    for token in start..<end where word >> UInt64(token - start) & 1 == 0 { logits[token] = -.infinity }
                }
                start = end
            }
        }
    }
}
