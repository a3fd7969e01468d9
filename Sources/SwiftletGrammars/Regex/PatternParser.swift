import SwiftletGround

/// Reads regular expressions in the syntax of ECMAScript, which JSON Schema asks for.
struct PatternParser: ScalarCursor {
    let scalars: [Unicode.Scalar]
    var position = 0
    private var depth = 0

    static func parse(_ text: String) throws(GrammarError) -> Pattern {
        var parser = PatternParser(scalars: Array(text.unicodeScalars))
        let pattern = try parser.choice()
        guard parser.position == parser.scalars.count else {
            throw parser.failure(.syntax, "there is a \")\" too many")
        }
        return pattern
    }

    private init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    private mutating func choice() throws(GrammarError) -> Pattern {
        var parts = [try sequence()]
        while peek == "|" {
            position += 1
            parts.append(try sequence())
        }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private mutating func sequence() throws(GrammarError) -> Pattern {
        var parts: [Pattern] = []
        while let next = peek, next != "|", next != ")" {
            let start = position
            let atom = try atom(next)
            guard let counts = try counts() else {
                parts.append(atom)
                continue
            }
            if atom == .start || atom == .end { throw failure(.syntax, "an anchor cannot be repeated", at: start) }
            // "?" after a count only asks for the shortest match, which is the same language.
            if peek == "?" { position += 1 }
            if peek == "+" { throw failure(.unsupported, "possessive repetitions are not supported") }
            parts.append(.repeated(atom, minimum: counts.minimum, maximum: counts.maximum))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func atom(_ next: Unicode.Scalar) throws(GrammarError) -> Pattern {
        let start = position
        position += 1
        switch next {
        case "^": return .start
        case "$": return .end
        case ".": return .set(Self.lineEnds.inverted)
        case "[": return .set(try characterClass())
        case "(": return try group(start)
        case "\\": return .set(try escape(inClass: false))
        case "*", "+", "?": throw failure(.syntax, "there is nothing to repeat here", at: start)
        case "{" where isCount(from: start): throw failure(.syntax, "there is nothing to repeat here", at: start)
        default: return .set(ScalarSet(next))
        }
    }

    private mutating func group(_ start: Int) throws(GrammarError) -> Pattern {
        guard depth < GrammarLimits.nesting else {
            throw failure(.limit, "groups are nested deeper than \(GrammarLimits.nesting)", at: start)
        }
        depth += 1
        defer { depth -= 1 }
        if peek == "?" {
            position += 1
            let kind = peek
            position += 1
            switch kind {
            case ":": break
            case "=", "!": throw failure(.unsupported, "looking ahead is not supported", at: start)
            case "<" where peek == "=" || peek == "!":
                throw failure(.unsupported, "looking behind is not supported", at: start)
            case "<", "P":
                while let next = peek, next != ">" { position += 1 }
                guard peek == ">" else { throw failure(.syntax, "the name of a group has no \">\"", at: start) }
                position += 1
            default: throw failure(.unsupported, "this kind of group is not supported", at: start)
            }
        }
        let inner = try choice()
        guard peek == ")" else { throw failure(.syntax, "the group has no \")\"", at: start) }
        position += 1
        return inner
    }

    private mutating func counts() throws(GrammarError) -> (minimum: Int, maximum: Int?)? {
        switch peek {
        case "*", "+", "?":
            defer { position += 1 }
            return peek == "*" ? (0, nil) : peek == "+" ? (1, nil) : (0, 1)
        case "{" where isCount(from: position):
            let start = position
            position += 1
            let minimum = try count()
            var maximum: Int? = minimum
            if peek == "," {
                position += 1
                maximum = peek == "}" ? nil : try count()
            }
            position += 1
            if let maximum, maximum < minimum {
                throw failure(.syntax, "the counts of this repetition are out of order", at: start)
            }
            return (minimum, maximum)
        default: return nil
        }
    }

    /// Whether `{2}`, `{2,}` or `{2,5}` stands there; other braces are characters.
    private func isCount(from start: Int) -> Bool {
        var place = start + 1
        var digits = 0
        var commas = 0
        while place < scalars.count {
            switch scalars[place] {
            case "0"..."9": digits += 1
            case "," where digits > 0 && commas == 0: commas = 1
            case "}": return digits > 0
            default: return false
            }
            place += 1
        }
        return false
    }

    private mutating func count() throws(GrammarError) -> Int {
        let start = position
        var value = 0
        while let digit = peek, ("0"..."9").contains(digit) {
            value = value * 10 + Int(digit.value - 0x30)
            if value > GrammarLimits.count {
                throw failure(.limit, "a count of more than \(GrammarLimits.count)", at: start)
            }
            position += 1
        }
        return value
    }

    func failure(_ code: GrammarError.Code, _ problem: String, at place: Int? = nil) -> GrammarError {
        GrammarError(code, problem, at: "character \((place ?? position) + 1) of the regular expression")
    }
}
