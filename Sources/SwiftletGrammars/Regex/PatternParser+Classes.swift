extension PatternParser {
    static let lineEnds = ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])
    static let digits = ScalarSet([0x30...0x39])
    static let words = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    /// ECMAScript's white space and line ends.
    static let spaces = ScalarSet([
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])

    /// A class, whose "[" has been read.
    mutating func characterClass() throws(GrammarError) -> ScalarSet {
        let start = position - 1
        var isNegated = false
        if peek == "^" {
            isNegated = true
            position += 1
        }
        var ranges: [ClosedRange<UInt32>] = []
        while let next = peek, next != "]" {
            let place = position
            let low = try classMember()
            guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                ranges += low.ranges
                continue
            }
            position += 1
            let high = try classMember()
            guard let first = low.only, let last = high.only else {
                // As ECMAScript outside its Unicode mode: [\w-.] has a hyphen.
                ranges += low.ranges + high.ranges + [0x2D...0x2D]
                continue
            }
            if last < first { throw failure(.syntax, "this range of characters is out of order", at: place) }
            ranges.append(first...last)
        }
        guard peek == "]" else { throw failure(.syntax, "the class has no \"]\"", at: start) }
        position += 1
        let set = ScalarSet(ranges)
        return isNegated ? set.inverted : set
    }

    private mutating func classMember() throws(GrammarError) -> ScalarSet {
        guard let next = peek else { throw failure(.syntax, "the class has no \"]\"") }
        position += 1
        return next == "\\" ? try escape(inClass: true) : ScalarSet(next)
    }

    /// An escape, whose backslash has been read.
    mutating func escape(inClass: Bool) throws(GrammarError) -> ScalarSet {
        let start = position - 1
        guard let next = peek else { throw failure(.syntax, "the text ends inside an escape") }
        position += 1
        switch next {
        case "d": return Self.digits
        case "D": return Self.digits.inverted
        case "w": return Self.words
        case "W": return Self.words.inverted
        case "s": return Self.spaces
        case "S": return Self.spaces.inverted
        case "t": return ScalarSet("\t")
        case "n": return ScalarSet("\n")
        case "r": return ScalarSet("\r")
        case "f": return ScalarSet("\u{0C}")
        case "v": return ScalarSet("\u{0B}")
        case "0": return ScalarSet("\0")
        case "b" where inClass: return ScalarSet("\u{08}")
        case "b", "B", "A", "Z", "z", "G":
            throw failure(.unsupported, "\\\(next) is not supported", at: start)
        case "1"..."9", "k": throw failure(.unsupported, "references back are not supported", at: start)
        case "x": return ScalarSet(try hexadecimal(2, from: start))
        case "u": return ScalarSet(try unicode(from: start))
        case "c":
            guard let letter = peek, letter.properties.isAlphabetic, letter.isASCII else {
                throw failure(.syntax, "a letter is expected after \\c", at: start)
            }
            position += 1
            return ScalarSet([letter.value & 31...letter.value & 31])
        case "p", "P":
            let set = try category(from: start)
            return next == "P" ? set.inverted : set
        default:
            if next.isASCII, next.properties.isAlphabetic {
                throw failure(.unsupported, "the escape \\\(next) is not supported", at: start)
            }
            return ScalarSet(next)
        }
    }

    private mutating func hexadecimal(_ count: Int, from start: Int) throws(GrammarError) -> Unicode.Scalar {
        guard let value = hexadecimal(count) else {
            throw failure(.syntax, "\(count) hexadecimal digits are expected here", at: start)
        }
        // Halves of surrogate pairs are joined by whoever reads \u.
        guard let scalar = Unicode.Scalar(value) else {
            throw failure(.unsupported, "half a surrogate pair is no character", at: start)
        }
        return scalar
    }

    /// `\uXXXX`, a surrogate pair of two of them, or `\u{X…}`.
    private mutating func unicode(from start: Int) throws(GrammarError) -> Unicode.Scalar {
        if peek == "{" {
            position += 1
            var value: UInt32 = 0
            while let digit = peek, digit.isASCII, let number = Character(digit).hexDigitValue, value <= 0x10FFFF {
                value = value << 4 | UInt32(number)
                position += 1
            }
            guard peek == "}", let scalar = Unicode.Scalar(value) else {
                throw failure(.syntax, "this escape is no character of Unicode", at: start)
            }
            position += 1
            return scalar
        }
        if let high = unit(at: position), high & 0xFC00 == 0xD800, position + 6 <= scalars.count,
            scalars[position + 4] == "\\", scalars[position + 5] == "u", let low = unit(at: position + 6),
            low & 0xFC00 == 0xDC00, let scalar = Unicode.Scalar(0x10000 + ((high & 0x3FF) << 10 | low & 0x3FF))
        {
            position += 10
            return scalar
        }
        return try hexadecimal(4, from: start)
    }

    private func unit(at place: Int) -> UInt32? {
        guard place + 4 <= scalars.count else { return nil }
        return UInt32(String(String.UnicodeScalarView(scalars[place..<place + 4])), radix: 16)
    }

    /// `{L}`, `{Lu}`, `{Letter}`, `{Script=…}` after `\p`: general categories only.
    private mutating func category(from start: Int) throws(GrammarError) -> ScalarSet {
        guard peek == "{" else { throw failure(.syntax, "\"{\" is expected after \\p", at: start) }
        position += 1
        let first = position
        while let next = peek, next != "}" { position += 1 }
        guard peek == "}" else { throw failure(.syntax, "\"}\" is expected at the end of \\p", at: start) }
        let name = String(String.UnicodeScalarView(scalars[first..<position]))
        position += 1
        guard let set = UnicodeCategories.set(name) else {
            throw failure(.unsupported, "the class \\p{\(name)} is not supported", at: start)
        }
        return set
    }
}

extension ScalarSet {
    /// The set's character, if it has just one.
    var only: UInt32? {
        guard ranges.count == 1, ranges[0].count == 1 else { return nil }
        return ranges[0].lowerBound
    }
}
