/// The bytes of a model's tokens as a tree, made once for each model. Memory: about 30 bytes a byte of all tokens' texts.
public final class GrammarVocabulary: Sendable {
    /// How many tokens there are; masks have a bit for each.
    public let count: Int
    let endTokens: Set<Int32>
    let specialTokens: [ByteKey: Int32]
    let tree: TokenTree
    /// Tokens that have the same bytes as another, with that other, which alone is in the tree.
    let duplicates: [(original: Int32, duplicate: Int32)]
    /// Whether a token may come where a grammar asks for any token but some.
    let isUsable: [Bool]

    struct ByteKey: Hashable, Sendable {
        let bytes: [UInt8]
    }

    /// `tokenBytes`: what each token stands for in the text; nil (or empty) for control tokens, which no text matches.
    /// `endTokens` end the text and are allowed exactly where it may end, whatever their bytes.
    /// `specialTokens`: names of tokens for GBNF's `<name>`, for tokens without bytes; those with bytes need none.
    public init(tokenBytes: [[UInt8]?], endTokens: Set<Int32>, specialTokens: [String: Int32] = [:]) {
        count = tokenBytes.count
        self.endTokens = endTokens.filter { $0 >= 0 && $0 < Int32(clamping: tokenBytes.count) }
        var ids: [Int32] = []
        ids.reserveCapacity(tokenBytes.count)
        for (id, bytes) in tokenBytes.enumerated() where !(bytes ?? []).isEmpty && !endTokens.contains(Int32(id)) {
            ids.append(Int32(id))
        }
        let texts = tokenBytes.map { $0 ?? [] }
        ids.sort { one, other in
            let (a, b) = (texts[Int(one)], texts[Int(other)])
            return a.lexicographicallyPrecedes(b) || (one < other && a == b)
        }
        var unique: [Int32] = []
        unique.reserveCapacity(ids.count)
        var duplicates: [(original: Int32, duplicate: Int32)] = []
        for id in ids {
            if let last = unique.last, texts[Int(last)] == texts[Int(id)] {
                duplicates.append((original: last, duplicate: id))
            } else {
                unique.append(id)
            }
        }
        self.duplicates = duplicates
        tree = TokenTree(sorted: unique.map { (texts[Int($0)][...], $0) })
        var isUsable = tokenBytes.map { !($0 ?? []).isEmpty }
        for id in self.endTokens { isUsable[Int(id)] = false }
        var names: [ByteKey: Int32] = [:]
        for (name, id) in specialTokens where id >= 0 && id < Int32(clamping: tokenBytes.count) {
            names[ByteKey(bytes: Array(name.utf8))] = id
            if !self.endTokens.contains(id) { isUsable[Int(id)] = true }
        }
        self.isUsable = isUsable
        self.specialTokens = names
        longestFirst = unique.sorted { texts[Int($0)].count > texts[Int($1)].count }
        offsets = Self.offsets(texts)
        bytes = Array(texts.joined())
    }

    /// Tokens with at least one byte, the longest first.
    let longestFirst: [Int32]
    private let offsets: [Int32]
    private let bytes: [UInt8]

    private static func offsets(_ texts: [[UInt8]]) -> [Int32] {
        var offsets: [Int32] = [0]
        offsets.reserveCapacity(texts.count + 1)
        var total = 0
        for text in texts {
            total += text.count
            offsets.append(Int32(total))
        }
        return offsets
    }

    func contains(_ token: Int32) -> Bool { token >= 0 && Int(token) < count }

    /// How many bytes a token has.
    @inline(__always)
    func length(of token: Int32) -> Int { Int(offsets[Int(token) + 1] - offsets[Int(token)]) }

    /// The bytes of a token; none if it is unknown or a control token.
    func bytes(of token: Int32) -> ArraySlice<UInt8> {
        guard contains(token) else { return [] }
        return bytes[Int(offsets[Int(token)])..<Int(offsets[Int(token) + 1])]
    }

    /// The token that GBNF's `<name>` means: a special token, or one with exactly these bytes.
    func token(named name: [UInt8]) -> Int32? {
        specialTokens[ByteKey(bytes: name)] ?? tree.find(name)
    }
}
