import SwiftletGround

/// The bytes that each token stands for in a text, made once.
struct TokenPieces: Sendable {
    private let pieces: ByteStrings
    /// Bytes of the longest piece.
    let longest: Int

    /// `spell` appends the bytes for the text of a normal token, which is taken from `spellings` if these differ.
    init(
        _ vocabulary: Vocabulary, _ spellings: ByteStrings? = nil, special: ((ArraySlice<UInt8>) -> [UInt8])? = nil,
        spell: (ArraySlice<UInt8>, inout [UInt8]) -> Void
    ) throws(TokenizerError) {
        var pieces = ByteStrings()
        pieces.reserve(strings: vocabulary.count, bytes: vocabulary.texts.strings.bytes.count)
        for (index, kind) in vocabulary.kinds.enumerated() {
            let text = vocabulary.texts.strings[index]
            if kind.meets([.control, .unknown, .userDefined]) {
                pieces.append(special?(text) ?? Array(text))
            } else if kind.meets(.normal) {
                pieces.append(building: { spell(spellings?[index] ?? text, &$0) })
            } else if kind.meets(.byte) {
                guard let byte = Self.byte(text) else {
                    throw TokenizerError(
                        .malformed,
                        "the byte token \"\(String(decoding: text.prefix(40), as: UTF8.self))\" is not <0xNN>",
                        at: "token \(index)")
                }
                pieces.append(CollectionOfOne(byte))
            } else {
                pieces.append([])
            }
        }
        self.pieces = pieces
        longest = (0..<pieces.count).reduce(0) { max($0, pieces.range($1).count) }
    }

    func bytes(of token: TokenID, special: Bool, _ vocabulary: Vocabulary) throws(TokenizerError) -> ArraySlice<UInt8> {
        guard vocabulary.contains(token) else {
            throw TokenizerError(.unknownToken, "there is no token \(token) in a vocabulary of \(vocabulary.count)")
        }
        if !special, vocabulary.kinds[Int(token)].meets([.control, .unknown]) { return [] }
        return pieces[Int(token)]
    }

    /// The value of `<0x0A>`.
    static func byte(_ text: ArraySlice<UInt8>) -> UInt8? {
        let text = Array(text)
        guard text.count == 6, text.starts(with: "<0x".utf8), text[5] == UInt8(ascii: ">") else { return nil }
        return UInt8(String(decoding: text[3..<5], as: UTF8.self), radix: 16)
    }
}

extension Vocabulary {
    /// Whether special tokens take the white space beside them, however much it is.
    var stripsWhitespace: Bool { kinds.contains { $0.meets([.stripsLeft, .stripsRight]) } }

    /// For each byte its token `<0xNN>`, or -1.
    func byteTokens() -> [TokenID] {
        let digits = Array("0123456789ABCDEF".utf8)
        return (0..<256).map { byte in
            let text = Array("<0x".utf8) + [digits[byte >> 4], digits[byte & 15], UInt8(ascii: ">")]
            return text.withUnsafeBufferPointer { texts.find($0) }
        }
    }
}
