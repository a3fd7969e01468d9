extension UInt8 {
    var isSpace: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }

    /// Whether the byte can be part of a name: ASCII letters, digits, `_`, `-`, `.`, and all beyond ASCII.
    var isNamePart: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x2E, 0x80...: true
        default: false
        }
    }
}

/// What was found where a text was looked for.
enum TextMatch: Equatable {
    case none
    /// The bytes end inside the text.
    case partial
    case full
}

extension [UInt8] {
    /// Whether a text stands at a place.
    func match(_ text: [UInt8], at place: Int) -> TextMatch {
        for offset in text.indices {
            guard place + offset < count else { return .partial }
            if self[place + offset] != text[offset] { return .none }
        }
        return .full
    }

    /// The first place at or after a place that is no white space.
    func skipSpace(from start: Int) -> Int {
        var place = start
        while place < count, self[place].isSpace { place += 1 }
        return place
    }

    func text(_ range: Range<Int>) -> String { String(decoding: self[range], as: UTF8.self) }
}
