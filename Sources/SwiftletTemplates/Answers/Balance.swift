/// Finds the end of a bracketed value while it arrives, a byte at a time; what is inside is checked when it is whole.
struct Balance {
    enum Language {
        case json
        /// Python's literals: also `'…'` and parentheses.
        case python
    }

    enum Step {
        case inside, closed, broken
    }

    private let language: Language
    private var open: [UInt8] = []
    private var quote: UInt8?
    private var isEscaped = false

    init(_ language: Language) {
        self.language = language
    }

    mutating func take(_ byte: UInt8) -> Step {
        if let end = quote {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == end {
                quote = nil
            }
            return .inside
        }
        switch byte {
        case UInt8(ascii: "\""): quote = byte
        case UInt8(ascii: "'") where language == .python: quote = byte
        case UInt8(ascii: "{"): open.append(UInt8(ascii: "}"))
        case UInt8(ascii: "["): open.append(UInt8(ascii: "]"))
        case UInt8(ascii: "(") where language == .python: open.append(UInt8(ascii: ")"))
        case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ")"):
            guard open.popLast() == byte else { return .broken }
            return open.isEmpty ? .closed : .inside
        case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "+"): break
        case UInt8(ascii: "=") where language == .python: break
        // Nothing else is outside of strings: a forgotten bracket shows as soon as other text begins.
        default: if !byte.isSpace, !byte.isNamePart || byte >= 0x80 && language == .json { return .broken }
        }
        return open.isEmpty || open.count > 256 ? .broken : .inside
    }
}
