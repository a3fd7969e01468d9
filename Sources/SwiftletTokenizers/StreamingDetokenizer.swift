public import SwiftletGround

/// Turns a stream of tokens into text that never ends in half a character.
///
/// What it returns can be shown at once; concatenated, it is exactly what `decode` gives for all tokens.
public struct StreamingDetokenizer: Sendable {
    private let tokenizer: any Tokenizer
    private let special: Bool
    /// Special tokens whose text counts though `special` is false.
    private let visible: Set<TokenID>
    private var dropsSpace: Bool
    private var cleanup: SpaceCleanup?
    /// The beginning of a character, at most three bytes.
    private var partial: [UInt8] = []

    init(_ tokenizer: any Tokenizer, special: Bool, visible: Set<TokenID>, continuesText: Bool) {
        (self.tokenizer, self.special, self.visible) = (tokenizer, special, visible)
        dropsSpace = tokenizer.textRules.dropsLeadingSpace && !continuesText
        cleanup = tokenizer.textRules.cleansSpaces ? SpaceCleanup() : nil
    }

    /// The text that is certain after one more token: maybe none. Throws if the token is not in the vocabulary.
    public mutating func append(_ token: TokenID) throws(TokenizerError) -> String {
        var bytes = try tokenizer.bytes(of: token, special: special || visible.contains(token))
        if dropsSpace, let first = bytes.first {
            if first == UInt8(ascii: " ") { bytes = bytes.dropFirst() }
            dropsSpace = false
        }
        if cleanup == nil {
            partial += bytes
        } else {
            cleanup?.append(bytes, to: &partial)
        }
        return takeWhole()
    }

    /// The rest at the end of the stream; an unfinished character becomes U+FFFD.
    public mutating func finish() -> String {
        cleanup?.finish(&partial)
        let text = String(decoding: partial, as: UTF8.self)
        partial = []
        return text
    }

    /// Takes all bytes but a beginning of a character at their end.
    private mutating func takeWhole() -> String {
        let whole = partial.count - UTF8Tail.unfinished(partial)
        guard whole > 0 else { return "" }
        let text = String(decoding: partial[..<whole], as: UTF8.self)
        partial.removeFirst(whole)
        return text
    }
}

enum UTF8Tail {
    /// How many bytes at the end begin a character that later bytes could still make whole: 0 to 3.
    static func unfinished(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let byte = bytes[bytes.count - length]
            if byte < 0x80 { return 0 }
            guard byte >= 0xC0 else { continue }
            let needed = byte >= 0xF8 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            guard needed > length, byte >= 0xC2, byte <= 0xF4 else { return 0 }
            if length > 1, !isPossible(byte, bytes[bytes.count - length + 1]) { return 0 }
            return length
        }
        return 0
    }

    /// Whether `second` may follow `lead` (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing past U+10FFFF.
    private static func isPossible(_ lead: UInt8, _ second: UInt8) -> Bool {
        switch lead {
        case 0xE0: second >= 0xA0
        case 0xED: second <= 0x9F
        case 0xF0: second >= 0x90
        case 0xF4: second <= 0x8F
        default: true
        }
    }
}
