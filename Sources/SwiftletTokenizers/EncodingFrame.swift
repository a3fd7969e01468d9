import SwiftletGround

/// What all kinds of tokenizers do alike: the tokens around a text, and the special tokens spelled out in it.
struct EncodingFrame: Sendable {
    /// Put before and after a text by `addSpecial`.
    let prefix: [TokenID]
    let suffix: [TokenID]
    private let always: SpecialTokenFinder
    private let whenParsing: SpecialTokenFinder

    init(_ vocabulary: Vocabulary, prefix: [TokenID], suffix: [TokenID], stripsUnicode: Bool = false) {
        self.prefix = prefix
        self.suffix = suffix
        always = SpecialTokenFinder(
            vocabulary, kinds: .userDefined, except: [.control, .unknown], stripsUnicode: stripsUnicode)
        whenParsing = SpecialTokenFinder(
            vocabulary, kinds: [.userDefined, .control, .unknown], except: [], stripsUnicode: stripsUnicode)
    }

    /// The tokens around a text as the vocabulary's flags say. Throws if it lacks a token that it says it adds.
    init(_ vocabulary: Vocabulary) throws(TokenizerError) {
        func needed(_ token: TokenID?, _ flag: Bool, _ name: String) throws(TokenizerError) -> [TokenID] {
            guard flag else { return [] }
            guard let token else {
                throw TokenizerError(.malformed, "the vocabulary adds a token for the \(name) but has none")
            }
            return [token]
        }
        self.init(
            vocabulary,
            prefix: try needed(
                vocabulary.special.beginningOfSequence, vocabulary.addsBeginning, "beginning of sequence"),
            suffix: try needed(vocabulary.special.endOfSequence, vocabulary.addsEnd, "end of sequence"))
    }

    /// Calls `encode(bytes, range, followsSpecial, output)` for each stretch of plain text.
    func encode(
        _ text: String, _ vocabulary: Vocabulary, addSpecial: Bool, parseSpecial: Bool,
        plain: (UnsafeBufferPointer<UInt8>, Range<Int>, Bool, inout [TokenID]) -> Void
    ) -> [TokenID] {
        var output = addSpecial ? prefix : []
        var text = text
        text.withUTF8 { bytes in
            output.reserveCapacity(bytes.count / 4 + 8)
            var followsSpecial = true
            for fragment in (parseSpecial ? whenParsing : always).fragments(bytes, vocabulary) {
                switch fragment {
                case .token(let token):
                    output.append(token)
                    followsSpecial = true
                case .text(let range):
                    plain(bytes, range, followsSpecial, &output)
                    followsSpecial = false
                }
            }
        }
        if addSpecial { output += suffix }
        return output
    }
}
