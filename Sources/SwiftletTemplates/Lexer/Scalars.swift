extension Unicode.Scalar {
    /// What Python's `str.isspace` and `strip` take for white space.
    var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    var isDigit: Bool { value >= 0x30 && value <= 0x39 }

    /// What `\w` matches: letters, numbers and the underscore.
    var isWord: Bool {
        if isASCII { return isDigit || (value | 0x20 >= 0x61 && value | 0x20 <= 0x7A) || value == 0x5F }
        return isAlphanumeric
    }

    var isAlphabetic: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    var isAlphanumeric: Bool { isAlphabetic || properties.numericType != nil }

    var hexadecimal: Int? {
        switch value {
        case 0x30...0x39: Int(value) - 0x30
        case 0x41...0x46: Int(value) - 0x37
        case 0x61...0x66: Int(value) - 0x57
        default: nil
        }
    }

    /// The lower case of an ASCII letter; other scalars stay.
    var lowered: Unicode.Scalar {
        value >= 0x41 && value <= 0x5A ? Unicode.Scalar(UInt8(value) + 0x20) : self
    }
}
