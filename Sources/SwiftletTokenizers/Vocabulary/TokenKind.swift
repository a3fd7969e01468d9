/// What a token is: one bit of a kind, as GGUF's `tokenizer.ggml.token_type` says, and what was found out besides.
public struct TokenKind: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// A type that the file does not say or that nobody knows.
    public static let undefined: Self = []
    public static let unknown = Self(rawValue: 1 << 0)
    public static let unused = Self(rawValue: 1 << 1)
    public static let normal = Self(rawValue: 1 << 2)
    /// It steers the model and stands for no text: `<s>`, `<|im_end|>`.
    public static let control = Self(rawValue: 1 << 3)
    /// Added to a finished vocabulary: found in text before all else.
    public static let userDefined = Self(rawValue: 1 << 4)
    /// Stands for one byte: `<0x0A>`.
    public static let byte = Self(rawValue: 1 << 5)
    /// White space before (`stripsLeft`) or after it is not text.
    public static let stripsLeft = Self(rawValue: 1 << 8)
    public static let stripsRight = Self(rawValue: 1 << 9)

    /// The kind that a GGUF token type stands for.
    package init(ggufType: Int) {
        switch ggufType {
        case 1: self = .normal
        case 2: self = .unknown
        case 3: self = .control
        case 4: self = .userDefined
        case 5: self = .unused
        case 6: self = .byte
        default: self = .undefined
        }
    }

    func meets(_ other: Self) -> Bool {
        rawValue & other.rawValue != 0
    }
}
