/// A place in a text that is read character by character.
protocol ScalarCursor {
    var scalars: [Unicode.Scalar] { get }
    var position: Int { get set }
}

extension ScalarCursor {
    /// The next character; nil at the end.
    var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    /// Takes in a number of `count` hexadecimal digits, at most 8; nil where others are.
    mutating func hexadecimal(_ count: Int) -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = peek, digit.isASCII, let number = Character(digit).hexDigitValue else { return nil }
            value = value << 4 | UInt32(number)
            position += 1
        }
        return value
    }
}
