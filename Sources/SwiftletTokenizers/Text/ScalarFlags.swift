/// What a pre-tokenizer asks of a Unicode scalar: its general category, folded to bits.
struct ScalarFlags: OptionSet, Sendable {
    let rawValue: UInt16

    static let uppercase = Self(rawValue: 1 << 0)  // Lu
    static let lowercase = Self(rawValue: 1 << 1)  // Ll
    static let titlecase = Self(rawValue: 1 << 2)  // Lt
    static let modifier = Self(rawValue: 1 << 3)  // Lm
    static let otherLetter = Self(rawValue: 1 << 4)  // Lo
    static let mark = Self(rawValue: 1 << 5)  // M
    static let number = Self(rawValue: 1 << 6)  // N
    static let punctuation = Self(rawValue: 1 << 7)  // P
    static let symbol = Self(rawValue: 1 << 8)  // S
    static let whitespace = Self(rawValue: 1 << 9)  // White_Space: Z, U+0009...000D, U+0085
    static let control = Self(rawValue: 1 << 10)  // C without Cn, U+0009...000D and U+0085 included
    static let nonspacing = Self(rawValue: 1 << 11)  // Mn
    static let decimal = Self(rawValue: 1 << 12)  // Nd
    static let han = Self(rawValue: 1 << 13)  // the CJK ideograph blocks that the reference engine calls Han
    static let unassigned = Self(rawValue: 1 << 14)  // Cn

    static let letter: Self = [.uppercase, .lowercase, .titlecase, .modifier, .otherLetter]

    @inline(__always)
    func meets(_ other: Self) -> Bool {
        rawValue & other.rawValue != 0
    }

    /// The flags of each general category, in the order of `UnicodeTables.categories`.
    static let ofCategory: [Self] = [
        .unassigned, .uppercase, .lowercase, .titlecase, .modifier, .otherLetter, [.mark, .nonspacing], .mark, .mark,
        [.number, .decimal], .number, .number, .punctuation, .punctuation, .punctuation, .punctuation, .punctuation,
        .punctuation, .punctuation, .symbol, .symbol, .symbol, .symbol, .whitespace, .whitespace, .whitespace, .control,
        .control, .control, .control,
    ]

    static let hanBlocks: [ClosedRange<UInt32>] = [
        0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
        0x2B820...0x2CEAF, 0x2CEB0...0x2EBEF, 0x2F800...0x2FA1F,
    ]
}
